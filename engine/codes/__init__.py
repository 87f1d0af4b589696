"""The catalogue of problem codes: what each one says, why it comes, and how it is mended, in Chinese and English.

In: a `Problem`. Out: its wording. One YAML file a family stands beside this module; a code is `family.name`, as in
`shape.unknown_key`, and the family is the file's name. Read by the commands, the reports and the manual.
"""
