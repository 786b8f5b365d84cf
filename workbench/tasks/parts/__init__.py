"""What pretext tasks share: heads, masks, tiles, segments, teachers, queues, pictures of views."""
