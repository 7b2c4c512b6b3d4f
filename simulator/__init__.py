"""A stand-in for Huawei Cloud's Message & SMS platform, over real HTTP.

It answers both sending calls as the platform would, pushes status reports and
replies, shows the phones on a page at ``/`` and is steered below ``/sim/``.

At the same address it has the management API (``/v2/{project_id}/msgsms/``) and IAM's
tokens (``/v3/auth/tokens``) of one account, ``account`` in ``default.yaml``. Both APIs
know the same applications, signatures and templates.

Scenarios by the last four digits of the number (``default.yaml`` has the table):

====== ====================================================================
digits what happens
====== ====================================================================
9000   accepted, delivered (as every number that is not in this table)
9001   accepted, the carrier reports UNDELIV
9002   accepted, the platform itself reports EXPIRED (no updateTime, source 1)
9003   accepted, no report ever
9004   accepted, the report is pushed before the response is sent
9005   accepted, every report is pushed twice
9006   accepted, the reports of a long message are pushed last part first
9007   accepted, the answer comes after three seconds
9008   accepted, the answer never comes
9009   accepted, the connection is broken instead of an answer
9010   not accepted, the connection is broken instead of an answer
9011   not accepted, the answer never comes
9012   not accepted, 502 with the HTML body of a proxy
9013   not accepted, 503 with an empty body
9014   not accepted, 200 with an HTML body
9016   accepted, 200 with an HTML body
9017   accepted, 200 with an empty body
9018   not accepted, the whole request is refused with E000000
9101-  accepted, reported as REJECTD (9101), BLACK (9102), KEYWORD (9103),
9108   MK:1004 (9104), SC:0003 (9105), E200038 (9106), UNKNOWN (9107),
       a code that nobody has seen before (9108)
9215   the number is refused with E200015; in the same way 9228 E200028,
9248   9229 E200029, 9230 E200030, 9231 E200031, 9233 E200033, 9248 E200048
====== ====================================================================
"""
