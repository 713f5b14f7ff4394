"""What the lock of a run on AppStage is called: the endpoint, and the account where it is named."""

from collections.abc import Mapping

import pytest

from reconciler.ports import Session
from reconciler.providers.appstage.settings import AppStageSettings, IamSettings
from tests.support.appstage import BY_PASSWORD, Cloud, during

HERE = "appstage aiae.appstage.myhuaweicloud.com:443"
TOKEN = {"HUAWEICLOUD_AUTH_TOKEN": "token"}


@pytest.mark.parametrize(
    ("environ", "iam", "name"),
    [
        (BY_PASSWORD, IamSettings(), f"{HERE} {BY_PASSWORD['HW_DOMAIN_NAME']}"),
        (BY_PASSWORD, IamSettings(domain="other"), f"{HERE} other"),
        (TOKEN, IamSettings(domain="other"), f"{HERE} other"),
        (TOKEN | {"HW_DOMAIN_NAME": "third"}, IamSettings(), f"{HERE} third"),
        (TOKEN, IamSettings(), HERE),
    ],
)
def test_an_account_is_one_place_however_it_is_signed_in_to(
    cloud: Cloud, environ: Mapping[str, str], iam: IamSettings, name: str
) -> None:
    """A token and a password of one account share a lock where the account is named; nothing is
    asked of the cloud for it."""

    async def act(session: Session) -> frozenset[str]:
        return await session.territory([])

    assert during(cloud, act, environ, settings=AppStageSettings(iam=iam)) == {name}
    assert cloud.sent == []
