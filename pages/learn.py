"""Learn: lessons that ask for a prediction and then show real runs; and a page for a class."""

import streamlit as st

from workbench.app.learn import (
    classroom,
    glossary,
    lesson,
    lesson_list,
    projector,
    student,
    visitor,
)
from workbench.lessons import links

address = links.read(st.query_params)
if address.view == "words":
    st.title("Words")
    glossary.show_all()
elif address.view == "student":
    student.show(address)
elif address.view == "projector":
    projector.show(address)
elif address.view == "class":
    st.title(f"{address.lesson.title} (class page)" if address.lesson else "Class page")
    classroom.show(address)
elif address.lesson is None:
    st.title("Learn")
    lesson_list.show(address)
else:
    st.title(address.lesson.title)
    lesson.show(address.lesson, address)
visitor.remember(menu=links.has_menu(st.query_params))
