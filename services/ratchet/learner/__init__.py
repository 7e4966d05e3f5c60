"""The learner: judgements become policy weights, people's marks become judge weights."""
