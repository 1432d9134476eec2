"""Drawing samples that anybody can redraw, and what their answers say of the whole month. Pure."""
