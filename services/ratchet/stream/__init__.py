"""How records move: topics, producers, readers, the transactional processor, dead letters."""
