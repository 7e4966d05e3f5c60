"""What people ask of every answer: a rubric in sentences with weights."""
