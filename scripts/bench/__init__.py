"""`make bench`: figures of the panel, each with what it is compared with in the same run. One JSON line for each.

A figure that was not measured in this run is not printed; how it was measured is said in its module.
"""
