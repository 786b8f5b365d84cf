"""Learn: lessons that run for real; predict first, then see; a class and its page."""

import streamlit as st

from workbench.app.learn import classroom, glossary, lesson, lesson_list, visitor
from workbench.lessons import links

place = links.read(st.query_params)
if place.view == "words":
    st.title("Words")
    glossary.show_all()
elif place.view == "class":
    st.title(f"{place.lesson.title} (class page)" if place.lesson else "Class page")
    classroom.show(place)
elif place.lesson is None:
    st.title("Learn")
    lesson_list.show(place)
else:
    st.title(place.lesson.title)
    lesson.show(place.lesson, place)
visitor.remember()
