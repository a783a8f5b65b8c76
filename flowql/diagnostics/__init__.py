"""Problems: one class each, with a code, a message, help and a place.

`syntax`, `names`, `values`, `meaning` are about a text; the back ends' refusals
and the body reader's findings stand in modules of their own. `render` alone
knows carets, colour and JSON.
"""

from flowql.diagnostics.base import Diagnostic, FlowQLError

__all__ = ["Diagnostic", "FlowQLError"]
