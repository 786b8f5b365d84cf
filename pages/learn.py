"""Learn: lessons that run for real; predict first, then see; a class and its page."""

import streamlit as st

from workbench.components import lesson_class, lesson_list, lesson_view, lesson_words, visitor
from workbench.lessons import links

place = links.read(st.query_params)
if place.view == "words":
    st.title("Words")
    lesson_words.show_all()
elif place.view == "class":
    st.title(f"{place.lesson.title} (class page)" if place.lesson else "Class page")
    lesson_class.show(place)
elif place.lesson is None:
    st.title("Learn")
    lesson_list.show(place)
else:
    st.title(place.lesson.title)
    lesson_view.show(place.lesson, place)
visitor.remember()
