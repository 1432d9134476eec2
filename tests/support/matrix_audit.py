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
GET  /cases/new                                       td              all
POST /cases/new                                       td              all
GET  /cases/new?point=P01                             td              near
POST /cases/new?point=P01                             td              near
GET  /questions                                       m               all
GET  /questions/<int:question_id>                     m               near
POST /questions/<int:question_id>                     m               near
"""
