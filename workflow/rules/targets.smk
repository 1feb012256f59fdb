# What can be asked for: a study by its name, the default study, all real studies.

for _name in STUDIES:

    rule:
        name:
            _name
        input:
            outputs_of(_name),


rule studies:
    input:
        config["studies"] and [outputs_of(n) for n in config["studies"]],
