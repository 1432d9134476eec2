"""Who may open which page of audits: see `matrix` for letters and scopes."""

LINES = """
GET  /cases                                           tdaul           all
GET  /cases?state=open&month=2024-05                  tdaul           all
GET  /cases/<int:case_id>                             tdaul           near
POST /cases/<int:case_id>/assign                      td              near
POST /cases/<int:case_id>/ask                         td              near
POST /cases/<int:case_id>/clawback                    d               near
POST /cases/<int:case_id>/close                       da              near
GET  /cases/<int:case_id>/decide                      da              near
POST /cases/<int:case_id>/decide                      da              near
POST /cases/<int:case_id>/explain                     td              near
POST /cases/<int:case_id>/extend                      td              near
POST /cases/<int:case_id>/hold                        td              near
POST /cases/<int:case_id>/note                        td              near
POST /cases/<int:case_id>/receipt                     da              near
POST /cases/<int:case_id>/refer                       da              near
GET  /cases/<int:case_id>/file.pdf                    tdaul           near
GET  /cases/letters/<int:letter_id>.pdf               tdaul           near
GET  /cases/new                                       td              all
POST /cases/new                                       td              all
GET  /cases/new?point=P01                             td              near
POST /cases/new?point=P01                             td              near
GET  /leads                                           tdaul           all
GET  /leads?month=2024-05&state=every                 tdaul           all
GET  /leads/<int:lead_id>                             tdaul           near
GET  /leads/<int:lead_id>.pdf                         tdaul           near
GET  /leads/<int:lead_id>/<picture>.svg               tdaul           near
POST /leads/<int:lead_id>/dismiss                     td              near
POST /leads/<int:lead_id>/reopen                      td              near
POST /leads/scan                                      du              all
GET  /reconcile                                       tdaiul          all
GET  /reconcile?month=2024-05&point=P01               tdaiul          near
GET  /reconcile.csv?month=2024-05                     du              all
GET  /questions                                       m               all
GET  /questions/<int:question_id>                     m               near
POST /questions/<int:question_id>                     m               near
GET  /questions/<int:question_id>.pdf                 mtdaul          near
"""
