"""Who may open what, and where: written by hand from the roles of the district, line by line.

Letters are roles: o operator, m manager, c community, t town, d district, a approver, f finance,
i inspector, u auditor, l leader, S E A the administrators of system, rights and trail, D a till
with its token. A star opens to everybody, `+` to everybody who has signed in.

Scopes say which of the people with that role: those whose place the record belongs to (`near`),
others of the same town (`beside`), of the other town (`far`), of another district (`abroad`).
"""

from typing import NamedTuple

from tests.support.matrix_audit import LINES as AUDIT
from tests.support.matrix_reach import LINES as REACH
from tests.support.matrix_supervision import LINES as SUPERVISION

LINES = """
GET  /                                                +               all
GET  /account/password                                +               all
POST /account/password                                +               all
GET  /accounts                                        SE              all
GET  /accounts/<int:account_id>                       SE              all
GET  /accounts/<int:account_id>/disable               E               all
POST /accounts/<int:account_id>/disable               E               all
POST /accounts/<int:account_id>/enable                E               all
GET  /accounts/<int:account_id>/person                E               all
POST /accounts/<int:account_id>/person                E               all
POST /accounts/<int:account_id>/person/end            E               all
GET  /accounts/<int:account_id>/reset                 S               all
POST /accounts/<int:account_id>/reset                 S               all
GET  /accounts/<int:account_id>/role                  E               all
POST /accounts/<int:account_id>/role                  E               all
POST /accounts/<int:account_id>/unlock                E               all
GET  /accounts/<int:account_id>/until                 S               all
POST /accounts/<int:account_id>/until                 S               all
GET  /accounts/new                                    S               all
POST /accounts/new                                    S               all
GET  /accounts/permissions                            SEA             all
GET  /api/v1/openapi.json                             *               all
POST /api/v1/servings                                 omD             near
POST /api/v1/servings/<key:reverses>/reversal         omD             near
POST /api/v1/servings/batch                           omD             all
GET  /api/v1/till/<point>/roster                      omD             near
GET  /api/v1/till/<point>/state                       omD             near
POST /api/v1/till/<point>/report                      omD             near
POST /api/v1/till/<point>/search                      omD             near
POST /api/v1/till/<point>/preview                     omD             near
POST /api/v1/till/<point>/uploads                     omD             near
GET  /bookings                                        omctdi          all
GET  /bookings?day=20240507&state=open                omctdi          all
GET  /bookings/<int:booking_id>                       omctdi          near
GET  /bookings/<int:booking_id>/cancel                omct            near
POST /bookings/<int:booking_id>/cancel                omct            near
GET  /bookings/dispatch/<code>                        om              near
POST /bookings/dispatch/<code>                        om              near
GET  /bookings/kitchen                                omctdi          all
GET  /bookings/kitchen?kitchen=P01                    omctdi          near
GET  /bookings/kitchen.pdf?kitchen=P01                omctdi          near
GET  /bookings/new                                    omct            all
POST /bookings/new                                    omct            all
POST /bookings/new/find                               omct            all
POST /bookings/new/for                                omct            all
GET  /bookings/receiving                              omctdi          all
GET  /bookings/receiving/<code>                       om              near
POST /bookings/receiving/<code>                       om              near
GET  /bookings/receiving/checks/<int:receipt_id>      omctdi          near
GET  /corrections                                     mtdafiul        all
GET  /corrections?point=P01                           mtdafiul        all
GET  /corrections/<int:change_id>                     mtdafiul        near
POST /corrections/<int:change_id>                     d               near
POST /corrections/find                                d               all
GET  /budget                                          daful           district
GET  /budget/<int:year>/<source>                      d               district
POST /budget/<int:year>/<source>                      d               district
GET  /budget/<int:year>/<source>/months               daful           district
GET  /budget/<int:year>/<source>/batches              daful           district
GET  /budget/chart/<int:year>.svg                     daful           district
GET  /budget/export/<int:year>.<ending>               dfu             district
GET  /clawbacks                                       mtdafiul        all
GET  /clawbacks/<int:clawback_id>                     mtdafiul        near
GET  /clawbacks/<int:clawback_id>.pdf                 mtdafiul        near
POST /clawbacks/<int:clawback_id>/decide              a               near
GET  /clawbacks/<int:clawback_id>/repaid              f               near
POST /clawbacks/<int:clawback_id>/repaid              f               near
GET  /clawbacks/new                                   d               all
GET  /clawbacks/new?point=P01                         d               near
POST /clawbacks/new?point=P01                         d               near
GET  /deliveries                                      omctdi          all
GET  /deliveries?point=P01                            omctdi          near
GET  /deliveries/<int:booking_id>                     omctdi          near
POST /deliveries/<int:booking_id>/answer              mct             near
POST /deliveries/<int:booking_id>/return              m               near
GET  /deliveries/bag-labels.pdf?meal=lunch&round=1    m               near
GET  /deliveries/carry                                om              all
GET  /deliveries/carry/<int:booking_id>               om              near
POST /deliveries/carry/<int:booking_id>/answer        om              near
POST /deliveries/carry/<int:booking_id>/delivered     om              near
POST /deliveries/carry/<int:booking_id>/no-answer     om              near
POST /deliveries/carry/<int:booking_id>/phone         om              near
POST /deliveries/carry/<int:booking_id>/return        om              near
POST /deliveries/cooked                               om              all
GET  /deliveries/rounds                               m               all
POST /deliveries/rounds                               m               all
GET  /deliveries/rounds/<int:round_id>                m               near
POST /deliveries/rounds/<int:round_id>                m               near
POST /deliveries/rounds/<int:round_id>/order          m               near
POST /deliveries/rounds/assign                        m               all
GET  /deliveries/route-sheet.pdf?meal=lunch&round=1   m               near
GET  /deliveries/unanswered                           omctdi          all
GET  /days                                            omctdafiu       all
GET  /days?month=2024-05&point=P01                    omctdafiu       all
GET  /days/<code>/<day>/<int:nth>                     omctdafiu       near
GET  /days/<code>/<day>/<int:nth>.pdf                 omctdafiu       near
GET  /devices                                         SE              all
GET  /devices/<int:device_id>/revoke                  S               all
POST /devices/<int:device_id>/revoke                  S               all
GET  /devices/new                                     S               all
POST /devices/new                                     S               all
GET  /divisions                                       omctdafiul      all
GET  /divisions?town=320412100                        omctdafiul      all
GET  /figures                                         omctdafiul      all
GET  /figures?town=320412100                          omctdafiul      town
GET  /figures?point=P01                               omctdafiul      near
GET  /grants                                          mtdafu          all
GET  /grants?point=P01                                mtdafu          all
GET  /grants/<int:grant_id>                           mtdafu          near
GET  /grants/<int:grant_id>/apply                     m               near
POST /grants/<int:grant_id>/apply                     m               near
POST /grants/<int:grant_id>/review                    t               near
POST /grants/<int:grant_id>/recheck                   d               near
POST /grants/<int:grant_id>/approve                   a               near
GET  /grants/new                                      m               all
POST /grants/new                                      m               all
GET  /healthz                                         *               all
GET  /imports                                         d               district
POST /imports                                         d               district
GET  /imports/<int:job_id>                            d               district
GET  /imports/<int:job_id>/rejects.csv                d               district
POST /imports/<int:job_id>/start                      d               district
POST /imports/<int:job_id>/stop                       d               district
POST /imports/<int:job_id>/discard                    d               district
GET  /login                                           *               all
POST /login                                           *               all
GET  /login/second-factor                             *               all
POST /login/second-factor                             *               all
GET  /menus                                           omctdafiul      all
GET  /menus?point=P01                                 omctdafiul      near
GET  /menus/day/<code>/<day>/<meal>                   omctdafiul      near
POST /menus/day/<code>/<day>/<meal>                   md              near
GET  /menus/items/<int:item_id>/edit                  md              near
POST /menus/items/<int:item_id>/edit                  md              near
GET  /menus/items/<int:item_id>/remove                md              near
POST /menus/items/<int:item_id>/remove                md              near
GET  /menus/poster.pdf?point=P01&week=2024-05-06      omctdafiul      near
GET  /menus/prices                                    omctdafiul      all
GET  /menus/prices/<code>                             omctdafiul      near
GET  /menus/prices/<code>/end/<int:price_id>          md              near
POST /menus/prices/<code>/end/<int:price_id>          md              near
GET  /menus/prices/<code>/new                         md              near
POST /menus/prices/<code>/new                         md              near
GET  /menus/prices/flags                              omctdafiul      all
GET  /menus/week/<code>/copy                          md              near
POST /menus/week/<code>/copy                          md              near
GET  /menus/week/<code>/publish                       md              near
POST /menus/week/<code>/publish                       md              near
GET  /payees                                          mdafu           all
GET  /payees?town=320412100                           mdafu           town
GET  /payees/<code>                                   mdafu           near
POST /payees/<code>/check                             f               near
GET  /payees/<code>/new                               d               near
POST /payees/<code>/new                               d               near
GET  /payments                                        mdafu           all
GET  /payments/<int:order_id>                         mdafu           near
GET  /payments/<int:order_id>.pdf                     dafu            near
GET  /payments/<int:order_id>/file.<ending>           f               near
GET  /payments/<int:order_id>/paid                    f               near
POST /payments/<int:order_id>/paid                    f               near
GET  /payments/<int:order_id>/recall                  f               near
POST /payments/<int:order_id>/recall                  f               near
GET  /payments/new                                    f               district
POST /payments/new                                    f               district
GET  /points                                          omctdafiul      all
GET  /points?town=320412100                           omctdafiul      all
GET  /points/<code>                                   omctdafiul      near
GET  /points/<code>/edit                              d               near
POST /points/<code>/edit                              d               near
GET  /points/<code>/grade                             d               near
POST /points/<code>/grade                             d               near
GET  /points/<code>/suspend                           d               near
POST /points/<code>/suspend                           d               near
GET  /points/<code>/resume                            d               near
POST /points/<code>/resume                            d               near
GET  /points/new                                      d               all
POST /points/new                                      d               all
GET  /policies                                        omctdafiul      all
GET  /policies/<policy>                               omctdafiul      above
GET  /policies/<draft>/approve                        a               district
POST /policies/<draft>/approve                        a               district
GET  /policies/<other>/withdraw                       d               district
POST /policies/<other>/withdraw                       d               district
GET  /policies/<policy>/end                           a               district
POST /policies/<policy>/end                           a               district
GET  /policies/draft/new                              d               all
POST /policies/draft/new                              d               all
GET  /readyz                                          *               all
GET  /reports                                         mtdafiul        all
GET  /reports?town=320412100                          mtdafiul        town
GET  /reports?point=P01                               mtdafiul        near
GET  /reports/settlement.pdf?month=2024-04            mtdafiul        all
GET  /reports/settlement.pdf?month=2024-04&point=P01  mtdafiul        near
GET  /reports/settlement.pdf?month=2024-04&town=320412100  mtdafiul   town
GET  /reports/supervision.pdf?month=2024-04           mtdafiul        above
GET  /reports/supervision.pdf?month=2024-04&place=P01  mtdafiul       near
GET  /reports/district.pdf?month=2024-04              mtdafiul        district
GET  /reports/town.pdf?month=2024-04&town=320412100   tdafiul         town
GET  /reports/opinions.pdf?month=2024-04&point=P01    mtdafiul        near
GET  /v/<paper>/<check>                               *               all
GET  /verify                                          *               all
POST /verify                                          *               all
POST /verify/file                                     *               all
GET  /reports/cards                                   ctd             all
GET  /reports/cards?division=320412100                ctd             all
GET  /reports/cards/print                             ctd             all
GET  /reports/cards/print?who=R000001                 ctd             near
POST /reports/cards/print?who=R000001                 ctd             near
GET  /residents                                       ctdaiu          all
GET  /residents?division=320412100                    ctdaiu          all
POST /residents/find                                  ctdaiu          all
GET  /residents/<ref>                                 ctdaiu          near
GET  /residents/<ref>/reveal                          ctd             near
POST /residents/<ref>/reveal                          ctd             near
GET  /residents/new                                   ctd             all
POST /residents/new                                   ctd             all
GET  /residents/<ref>/correct                         ctd             near
POST /residents/<ref>/correct                         ctd             near
GET  /residents/<ref>/id-number                       ctd             near
POST /residents/<ref>/id-number                       ctd             near
GET  /residents/<ref>/facts/<kind>                    ctd             near
POST /residents/<ref>/facts/<kind>                    ctd             near
GET  /residents/<ref>/facts/<int:number>/end          ctd             near
POST /residents/<ref>/facts/<int:number>/end          ctd             near
GET  /residents/<ref>/facts/<int:number>/withdraw     ctd             near
POST /residents/<ref>/facts/<int:number>/withdraw     ctd             near
GET  /residents/<ref>/cards/new                       ctd             near
POST /residents/<ref>/cards/new                       ctd             near
GET  /residents/<ref>/cards/<digest>/<action>         ctd             near
POST /residents/<ref>/cards/<digest>/<action>         ctd             near
GET  /servings                                        omctdafiu       all
GET  /servings?point=P01                              omctdafiu       all
GET  /servings?resident=R000001                       omctdafiu       all
GET  /servings/<int:sequence>                         omctdafiu       near
GET  /servings/<int:sequence>/reverse                 om              near
POST /servings/<int:sequence>/reverse                 om              near
GET  /settings                                        tdafiulSE       all
GET  /settings/calendar                               tdafiulSE       all
POST /settings/calendar                               S               all
GET  /settings/<key>                                  S               all
POST /settings/<key>                                  S               all
GET  /settlements                                     mtdafiul        all
GET  /settlements?town=320412100                      mtdafiul        town
GET  /settlements.json?month=2024-04                  mtdafiul        all
GET  /settlements.json?month=2024-04&point=P01        mtdafiul        asked
GET  /settlements/<month>/<code>                      mtdafiul        near
GET  /settlements/<month>/<code>/explain?figure=subsidy_fen  mtdafiul  near
GET  /settlements/<month>/<code>/answer               m               near
POST /settlements/<month>/<code>/answer               m               near
POST /settlements/<month>/<code>/hold                 tda             near
GET  /settlements/<month>/<code>/lines                tdau            near
POST /settlements/<month>/<code>/resubmit             md              near
GET  /settlements/<month>/<code>/return               tda             near
POST /settlements/<month>/<code>/return               tda             near
GET  /settlements/<month>/<code>/review               tdau            near
GET  /settlements/<month>/first-review?code=P01       t               near
POST /settlements/<month>/first-review?code=P01       t               near
GET  /settlements/<month>/recheck?code=P01            d               near
POST /settlements/<month>/recheck?code=P01            d               near
GET  /settlements/<month>/sample?code=P01             u               near
POST /settlements/<month>/sample?code=P01             u               near
GET  /settlements/<month>/approve?code=P01            a               near
POST /settlements/<month>/approve?code=P01            a               near
GET  /settlements/<month>/close?code=P01              d               near
POST /settlements/<month>/close?code=P01              d               near
GET  /settlements/<month>/submit                      md              all
GET  /settlements/<month>/submit?point=P01            md              asked
POST /settlements/<month>/submit?point=P01            md              asked
GET  /settlements/notices                             mtdafiul        all
GET  /settlements/notices/<int:notice_id>             mtdafiul        near
GET  /settlements/notices/<int:notice_id>.pdf         mtdafiul        near
GET  /settlements/notices/new                         d               all
GET  /settlements/notices/new?town=320412100          d               near
POST /settlements/notices/new                         d               all
GET  /settlements/holds                               da              all
GET  /settlements/holds/<int:hold_id>                 da              near
POST /settlements/holds/<int:hold_id>                 da              near
GET  /settlements/jobs/<int:work_id>                  mtdafiul        near
POST /settlements/jobs/<int:work_id>/start            d               near
POST /settlements/jobs/<int:work_id>/stop             d               near
GET  /simulation                                      dafl            district
POST /simulation                                      dafl            district
GET  /simulation/<run>                                dafl            district
GET  /simulation/<run>.json                           dafl            district
GET  /simulation/<run>.xlsx                           dafl            district
POST /simulation/<run>/draft                          d               district
POST /simulation/<run>/stop                           dafl            district
GET  /static/<path:filename>                          *               all
GET  /till                                            om              all
GET  /till/close                                      om              all
GET  /till/close?day=2024-05-06                       om              all
POST /till/close?day=2024-05-06                       om              all
GET  /till/conflicts                                  om              all
GET  /till/conflicts/<key:upload>                     om              near
POST /till/conflicts/<key:upload>                     m               near
GET  /till/device                                     *               all
POST /till/device                                     *               all
POST /till/device/forget                              *               all
GET  /till/plain                                      om              all
POST /till/plain/card                                 om              all
POST /till/plain/find                                 om              all
POST /till/plain/serve                                om              all
GET  /till/sw.js                                      *               all
GET  /trail                                           A               all
POST /logout                                          +               all
"""
AT_POINT, OF_DISTRICT = "omD", "dafiulSEA"
TILL = "D"


class Line(NamedTuple):
    """One way to ask: a method, an address of the URL map (perhaps with a query), who may."""

    method: str
    address: str
    letters: str
    scope: str

    @property
    def is_open(self) -> bool:
        return self.letters == "*"

    def opens_for(self, letter: str, place: str) -> bool:
        """Whether a person of this role whose place is near, beside, far or abroad gets in."""
        if self.is_open:
            return True
        if letter == TILL and TILL not in self.letters:
            return False  # a till's token is good for the interface only
        return (self.letters == "+" or letter in self.letters) and self._reaches(letter, place)

    def _reaches(self, letter: str, place: str) -> bool:
        near, at_point = place == "near", letter in AT_POINT
        return {
            "all": True,
            "near": near,
            "town": at_point or (near and letter != "c"),  # whoever has a point is shown that one
            "asked": at_point or near,
            "district": near and letter in OF_DISTRICT,
            "above": place != "abroad",
        }[self.scope]


# LINES end with signing out, after which nobody gets in any more.
MATRIX = [
    Line(*text.split())  # signing out comes last
    for text in [
        *AUDIT.strip().splitlines(),
        *REACH.strip().splitlines(),
        *SUPERVISION.strip().splitlines(),
        *LINES.strip().splitlines(),
    ]
]
