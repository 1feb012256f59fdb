# What can be asked for: a study by its name, the default study, all real studies.

for _name in STUDIES:
    if _name in ("all", "studies") or workflow.is_rule(_name):
        refuse(
            f"{STUDIES[_name]}: a rule of the workflow is called {_name!r}; rename the study"
        )

    rule:
        name:
            _name
        input:
            outputs_of(_name),


rule studies:
    input:
        config["studies"] and [outputs_of(n) for n in config["studies"]],
