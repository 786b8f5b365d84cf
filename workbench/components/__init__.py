"""Streamlit components and views of the pages: plain JavaScript, CSS, HTML, no other host."""
