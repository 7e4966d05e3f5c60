"""The critic: the policy tells readers where an answer may break the standard.

Its heads stand on the hidden states of the policy's own newest version, and are fitted on what
readers marked, never on a judge's scores: a judge would otherwise confirm itself.
"""
