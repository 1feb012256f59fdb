# boxloop: from raw survey data to a report that others can check.
#
#   snakemake --cores all            the default study of config/config.yaml
#   snakemake --cores all photoz     one study
#   snakemake --cores all studies    all of config.yaml's list `studies`
from snakemake.utils import min_version

min_version("9.14")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/common_search.smk"
include: "workflow/rules/common_report.smk"
include: "workflow/rules/common_cluster.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/explore.smk"
include: "workflow/rules/prepare.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/apply.smk"
include: "workflow/rules/ethics.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/track.smk"
include: "workflow/rules/targets.smk"


# Without a name, the default study. The rule stands here because an include hands on no default.
rule all:
    default_target: True
    input:
        outputs_of(config["study"]),
