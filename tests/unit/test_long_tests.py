"""The long tests are left out, run by thirds, or all of them."""

import importlib.util
from types import SimpleNamespace

from repository import REPOSITORY

spec = importlib.util.spec_from_file_location("conftest_of_all", REPOSITORY / "tests/conftest.py")
conftest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(conftest)


def left(asked: str) -> set[str]:
    """Names of the tests that are left of 20 short and 60 long ones."""
    tests = [
        SimpleNamespace(nodeid=f"{kind}{i}", get_closest_marker=marks.get)
        for kind, n, marks in (("short", 20, {}), ("long", 60, {"long": True}))
        for i in range(n)
    ]
    dropped: list = []
    hook = SimpleNamespace(pytest_deselected=lambda items: dropped.extend(items))
    config = SimpleNamespace(getoption={"--long": asked}.get, hook=hook)
    kept = list(tests)
    conftest.pytest_collection_modifyitems(config, kept)
    assert {t.nodeid for t in kept} | {t.nodeid for t in dropped} == {t.nodeid for t in tests}
    assert len(kept) + len(dropped) == len(tests)
    return {test.nodeid for test in kept}


def test_thirds_of_the_long_tests_are_apart_and_make_the_whole_and_short_ones_always_run():
    short, whole = left("none"), left("all")
    assert len(short) == 20 and all(name.startswith("short") for name in short)
    thirds = [left(str(third)) for third in range(3)]
    assert set().union(*thirds) == whole and len(whole) == 80
    assert all(one & other == short for one in thirds for other in thirds if one is not other)
    assert min(len(third - short) for third in thirds) > 10
