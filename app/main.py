"""What every page shares; then the page itself. Streamlit runs this file from top to bottom for each visit."""

from pathlib import Path

import streamlit as st

from app.collecting import forget_other_pages
from app.entrance import may_enter, run_allowed
from app.phrasebook import learn
from app.preferences import preferences
from app.screen import sections

learn()
forget_other_pages()
MOST_WIDTH = 1440  # pixels; lines of wider pages cannot be read, and charts tell less
ICON = str(Path(__file__).parent / "icon.png")
LOOK = Path(__file__).parent / "look.css"  # a file of styles alone takes no room on the page
st.set_page_config(page_title="Tablewright", page_icon=ICON, layout="wide")
st.logo(ICON)
st.html(LOOK)
if "language" not in st.session_state:
    st.session_state["language"] = preferences().language
with st.container(horizontal_alignment="center"), st.container(width=MOST_WIDTH):
    if may_enter():
        run_allowed(st.navigation(sections(), position="top"))
