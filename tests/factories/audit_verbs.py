"""The verbs of audits, joined."""

from tests.factories.case_verbs import CASE_VERBS
from tests.factories.sample_verbs import SAMPLE_VERBS
from tests.factories.scan_verbs import SCAN_VERBS

AUDIT_VERBS = {
    **CASE_VERBS,
    **SAMPLE_VERBS,
    **SCAN_VERBS,
}
