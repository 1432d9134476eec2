"""The verbs of audits, joined."""

from tests.factories.case_verbs import CASE_VERBS
from tests.factories.proof_verbs import PROOF_VERBS
from tests.factories.sample_verbs import SAMPLE_VERBS
from tests.factories.scan_verbs import SCAN_VERBS

AUDIT_VERBS = {
    **CASE_VERBS,
    **PROOF_VERBS,
    **SAMPLE_VERBS,
    **SCAN_VERBS,
}
