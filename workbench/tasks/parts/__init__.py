"""What pretext tasks share, one idea a module: heads, teachers, queues, crops, tiles, texts."""
