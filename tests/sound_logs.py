"""A small sound log of each format, in which every unit is an event: what the tests of all readers start from."""

NATIVE = b'''time,kind,outcome,account,user_agent,patient,rows
2022-03-14T10:00:00+01:00,lookup,success,A1,"Mozilla/5.0 (KHTML, like Gecko)",185057800608436,1
2022-03-14T10:00:01Z,search,not_found,A2,"say ""hi""",,12
2022-03-14 10:00:02,login,denied,A3,,,
1647252003123,export,error,A4,plain,1850578006084,5.0
'''
AMELIPRO = b"""date_heure;identifiant_ps;profession;departement_ps;id_session;adresse_ip;navigateur;service;nir;resultat;nb_lignes
14/03/2022 10:00:00;PS1;pharmacien;35;s1;10.0.0.1;"Mozilla; x";CONSULTATION_DROITS;1850578006084;OK;1
14/03/2022 10:00:01;PS2;medecin;2A;s2;10.0.0.2;Mozilla;RECHERCHE_PATIENT;;INCONNU;0
"""
COMBINED = b"""10.0.0.1 - A1 [14/Mar/2022:10:00:00 +0100] "GET /patients/1850578006084 HTTP/1.1" 200 512 "-" "Mozilla/5.0 (x)"
10.0.0.2 - A 2 [14/Mar/2022:10:00:01 +0100] "GET /droits?nir=1850578006084 HTTP/1.1" 404 - "" "say \\"hi\\" x"
10.0.0.3 - A3 [14/Mar/2022:10:00:02 +0100] "\\x16\\x03" 400 226 "-" "-"
"""
NDJSON = b"""{"time":"2022-03-14T10:00:00+01:00","kind":"lookup","account":"A1","patient":"1850578006084","rows":3}
{"account":"A2","kind":"login","time":1647252003,"break_glass":true,"x":{"y":[1,"z"]}}
{"time":"2022-03-14 10:00:02","kind":"search","account":"\\u00e9t\\u00e9","rows":null}
"""
IIS = b"""#Software: Microsoft Internet Information Services 10.0
#Date: 2022-03-14 00:00:00
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status time-taken
2022-03-14 10:00:00 10.0.0.9 GET /patients/1850578006084 - DOM\\A1 10.0.0.1 Mozilla/5.0+("x") 200 65
2022-03-14 10:00:01 10.0.0.9 GET /droits nir=1850578006084 A2 10.0.0.2 - 404 5
2022-03-14 10:00:02 10.0.0.9 POST /login - A3 10.0.0.3 Opera 401 12
"""
KEYCLOAK = b"""2022-03-14 10:00:00,357 WARN  [org.keycloak.events] (t-1) type=LOGIN_ERROR, realmId=r, clientId=c, userId=null, \
ipAddress=10.0.0.1, error=user_not_found, username='a b', code_id=s
2022-03-14 10:00:01 INFO [org.keycloak.events] (t-1) type="LOGIN", realmId="r", clientId="c", userId="u", username="a"
2022-03-14 10:00:02,1 INFO [org.keycloak.events] (t-1) type=UPDATE_PASSWORD, realmId=r, clientId=c, userId=u
"""
KEYCLOAK_JSON = b"""[ {"time": 1647248400357, "type": "LOGIN", "realmId": "r", "clientId": "c", "userId": "u",
  "details": {"username": "a"}},
 {"time": 1647248400357, "type": "LOGOUT", "realmId": "r", "clientId": "c", "userId": "u"},
 {"time": 1647248400, "operationType": "ACTION", "realmId": "r", "resourcePath": "users/u/reset-password",
  "authDetails": {"userId": "boss"}}
]
"""
ECS = b"""{"@timestamp":"2022-03-14T09:00:00Z","event":{"category":["authentication"],"outcome":"success"},"user":{"name":"A1"}}
{"@timestamp":"2022-03-14T09:00:01Z","event":{"action":"password-reset"},"user":{"name":"h","target":{"name":"A2"}},"labels":{"rows":3}}
{"_source":{"@timestamp":"2022-03-14T09:00:02Z","event":{"type":"access"},"user.name":"A3","url":{"path":"/patients/1850578006084"}}}
"""
OCSF = b"""{"time":1647248400123,"class_uid":3002,"activity_id":1,"status_id":2,"is_mfa":true,"user":{"name":"A1"}}
{"time":1647248401000,"class_uid":6003,"activity_id":2,"status_id":1,"actor":{"user":{"uid":"A2"}},"resources":[{"uid":"P1"}]}
{"time":1647248402000,"class_uid":3001,"type_uid":300104,"actor":{"user":{"name":"h"}},"user":{"name":"A3"}}
"""
CEF = rb"""CEF:0|v|p|1|100|User login|3|rt=1647248400123 suser=A1 src=10.0.0.1 outcome=success msg=a \= b
<13>Mar 14 10:00:01 host CEF:0|v\|w|p|1|101|Password reset|5|suser=h duser=A2 cs1=x y cs1Label=session
<13>1 2022-03-14T10:00:02Z host app - - - CEF:0|v|p|1|102|view|5|suser=A3 request=https://x/patients/1850578006084
"""
LEEF = b"""LEEF:1.0|v|p|1|login|devTime=Mar 14 2022 10:00:00\tusrName=A1\tsrc=10.0.0.1
<13>Mar 14 10:00:01 host LEEF:2.0|v|p|1|logout|^|usrName=A2^src=10.0.0.1
LEEF:2.0|v|p|1|view|0x7C|devTime=14/03/2022 10:00:02|devTimeFormat=dd/MM/yyyy HH:mm:ss|usrName=A3|nir=1850578006084
"""
OKTA_JSON = b"""[{"published":"2022-03-14T09:00:00.123Z","eventType":"user.session.start","actor":{"type":"User","alternateId":"A1"}},
 {"published":"2022-03-14T09:00:01Z","eventType":"system.push.send_factor_verify_push","actor":{"type":"SystemPrincipal"},
  "target":[{"type":"App","alternateId":"x"},{"type":"User","alternateId":"A2"}]},
 {"published":"2022-03-14T09:00:02Z","eventType":"user.mfa.factor.activate","actor":{"alternateId":"A3"},"outcome":{"result":"SUCCESS"}}
]"""
ENTRA_JSON = b"""[{"createdDateTime":"2022-03-14T09:00:00Z","userPrincipalName":"A1","status":{"errorCode":0},"appDisplayName":"p"},
{"createdDateTime":"2022-03-14T09:00:01Z","userPrincipalName":"A2","status":{"errorCode":500121,"additionalDetails":"MFA denied"}},
{"createdDateTime":"2022-03-14T09:00:02Z","userPrincipalName":"A3","status":{"errorCode":50126}}]"""
ENTRA = b"""Date (UTC),Username,Application,IP address,Location,Status,Sign-in error code,Failure reason
2022-03-14T09:00:00Z,A1,Portal,10.0.0.1,"Paris, Ile-de-France, FR",Success,0,
2022-03-14T09:00:01Z,A2,Portal,10.0.0.2,,Failure,50126,"Error, ""x"", y"
"""
ENTRA_AUDIT = b"""{"activityDateTime":"2022-03-14T09:00:00Z","activityDisplayName":"Reset user password","result":"success","initiatedBy":{"user":{"userPrincipalName":"h"}},"targetResources":[{"type":"User","userPrincipalName":"A1"}]}
{"time":"2022-03-14T09:00:01Z","properties":{"activityDisplayName":"Add member to group","initiatedBy":{"app":{"displayName":"A2"}}}}
{"activityDateTime":"2022-03-14T09:00:02Z","activityDisplayName":"Fraud reported","initiatedBy":{"user":{"id":"A3"}},"targetResources":[]}
"""
LOGS = {
    "native": NATIVE,
    "ndjson": NDJSON,
    "amelipro": AMELIPRO,
    "combined": COMBINED,
    "iis": IIS,
    "keycloak": KEYCLOAK,
    "keycloak-json": KEYCLOAK_JSON,
    "ecs": ECS,
    "ocsf": OCSF,
    "cef": CEF,
    "leef": LEEF,
    "okta-json": OKTA_JSON,
    "entra-json": ENTRA_JSON,
    "entra": ENTRA,
    "entra-audit": ENTRA_AUDIT,
}


def format_of(name):
    return "native" if name == "ndjson" else name.removesuffix("-json")
