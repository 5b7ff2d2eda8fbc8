"""When people mean: phrases in both languages, written down as a table, and nonsense that is refused."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.when import NotUnderstood, Order, left_over, order_of, understand, understand_time

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday

SPANISH = """
lunes, miércoles y viernes 7:15 | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=7;BYMINUTE=15
de lunes a viernes a las 6:30 | 2026-11-25 06:30 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6;BYMINUTE=30
lun-vie 6:30 | 2026-11-25 06:30 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6;BYMINUTE=30
martes y jueves a las 5pm | 2026-11-24 17:00 FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=17;BYMINUTE=0
los sábados y domingos 10:00 | 2026-11-28 10:00 FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=10;BYMINUTE=0
esta noche a las 10 | 2026-11-24 22:00
esta noche a las 8:30 | 2026-11-24 20:30
esta noche a las 12 | 2026-11-25 00:00
hoy a medianoche | 2026-11-25 00:00
viernes a las 12 de la noche | 2026-11-28 00:00
viernes noche 21:00 | 2026-11-27 21:00
esta tarde a las 5 | 2026-11-24 17:00
a las ocho de la noche | 2026-11-24 20:00
mañana a las ocho y media | 2026-11-25 08:30
a las 8 y media de la mañana | 2026-11-25 08:30
a las 7 y cuarto | 2026-11-25 07:15
a las 9 menos cuarto | 2026-11-25 08:45
mañana temprano a las 6 | 2026-11-25 06:00
a las 9 mañana por la noche | 2026-11-25 21:00
jueves 26 a las 15:00 | 2026-11-26 15:00
el 30 a las 9:00 | 2026-11-30 09:00
el 31 a las 9:00 | 2026-12-31 09:00
29 de febrero 10:00 | 2028-02-29 10:00
el primero de enero 10:00 | 2027-01-01 10:00
el lunes de la semana que viene a las 9 | 2026-11-30 09:00
la semana que viene el martes a las 9 | 2026-12-01 09:00
cada media hora | 2026-11-24 10:30 FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30
cada hora en punto | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0
cada hora de lunes a viernes de 8 a 18 | 2026-11-24 11:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8,9,10,11,12,13,14,15,16,17,18;BYMINUTE=0
los días 1 y 15 de cada mes a las 10:00 | 2026-12-01 10:00 FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=10;BYMINUTE=0
el primero de cada mes a las 9 | 2026-12-01 09:00 FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
primer y tercer martes de cada mes 10:00 | 2026-12-01 10:00 FREQ=MONTHLY;BYDAY=+1TU,+3TU;BYHOUR=10;BYMINUTE=0
cada 3 meses el día 1 a las 9 | 2026-12-01 09:00 FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
cada trimestre el día 1 a las 9 | 2026-12-01 09:00 FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
cada 2 meses el primer lunes a las 9 | 2026-12-07 09:00 FREQ=MONTHLY;INTERVAL=2;BYDAY=+1MO;BYHOUR=9;BYMINUTE=0
cada 25 de diciembre a las 8:00 | 2026-12-25 08:00 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25;BYHOUR=8;BYMINUTE=0
un martes sí y otro no a las 10 | 2026-12-01 10:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0
un día sí y otro no a las 8 | 2026-11-26 08:00 FREQ=DAILY;INTERVAL=2;BYHOUR=8;BYMINUTE=0
los martes cada dos semanas a las 10 | 2026-12-01 10:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0
cada quincena los viernes 17:00 | 2026-11-27 17:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0
dos veces al día a las 8 y 20 | 2026-11-24 20:00 FREQ=DAILY;BYHOUR=8;BYMINUTE=0 FREQ=DAILY;BYHOUR=20;BYMINUTE=0
todas las noches a las 10 | 2026-11-24 22:00 FREQ=DAILY;BYHOUR=22;BYMINUTE=0
todos los lunes por la noche a las 9 | 2026-11-30 21:00 FREQ=WEEKLY;BYDAY=MO;BYHOUR=21;BYMINUTE=0
lunes y jueves a las 8 y a las 20 | 2026-11-26 08:00 FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=8;BYMINUTE=0 FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=20;BYMINUTE=0
jueves 26 de noviembre 15h | 2026-11-26 15:00
domingo 29 nov 10am | 2026-11-29 10:00
mañana por la tarde a las 5 | 2026-11-25 17:00
mañana por la mañana a las 9 | 2026-11-25 09:00
en media hora | 2026-11-24 10:30
dentro de hora y media | 2026-11-24 11:30
en 1 hora y 30 minutos | 2026-11-24 11:30
24-12-2026 20:00 | 2026-12-24 20:00
jueves 15:00 | 2026-11-26 15:00
el jueves a las 15:00 | 2026-11-26 15:00
este jueves a las 3 pm | 2026-11-26 15:00
el próximo jueves 15:00 | 2026-11-26 15:00
jueves que viene 15:00 | 2026-11-26 15:00
martes 15:00 | 2026-11-24 15:00
martes 9:00 | 2026-12-01 09:00
el próximo martes 15:00 | 2026-12-01 15:00
sábado 8:30 | 2026-11-28 08:30
SÁBADO 8.30 | 2026-11-28 08:30
mañana 9:30 | 2026-11-25 09:30
mañana a las 7 de la tarde | 2026-11-25 19:00
mañana a las 6:45 de la mañana | 2026-11-25 06:45
mañana al mediodía | 2026-11-25 12:00
pasado mañana 18:00 | 2026-11-26 18:00
hoy 23:15 | 2026-11-24 23:15
hoy a las 9 de la noche | 2026-11-24 21:00
esta noche a las 21:30 | 2026-11-24 21:30
15:30 | 2026-11-24 15:30
8:00 | 2026-11-25 08:00
a las 20h | 2026-11-24 20:00
a las 14 hs | 2026-11-24 14:00
en 2 horas | 2026-11-24 12:00
dentro de 30 minutos | 2026-11-24 10:30
en dos horas | 2026-11-24 12:00
en 3 días a las 9:00 | 2026-11-27 09:00
dentro de una semana 10:00 | 2026-12-01 10:00
2026-12-24 20:00 | 2026-12-24 20:00
24/12 20:00 | 2026-12-24 20:00
24/12/2026 20:00 | 2026-12-24 20:00
24/12/27 20:00 | 2027-12-24 20:00
el 24 de diciembre 20:00 | 2026-12-24 20:00
24 de dic. a las 8 pm | 2026-12-24 20:00
5 de enero 7:15 | 2027-01-05 07:15
1 de enero de 2028 0:00 | 2028-01-01 00:00
20:00 el 24 de diciembre | 2026-12-24 20:00
todos los días a las 7:00 | 2026-11-25 07:00 FREQ=DAILY;BYHOUR=7;BYMINUTE=0
cada día 19:30 | 2026-11-24 19:30 FREQ=DAILY;BYHOUR=19;BYMINUTE=30
diario 6:00 | 2026-11-25 06:00 FREQ=DAILY;BYHOUR=6;BYMINUTE=0
todos los días a las 7:00 y 19:30 | 2026-11-24 19:30 FREQ=DAILY;BYHOUR=7;BYMINUTE=0 FREQ=DAILY;BYHOUR=19;BYMINUTE=30
cada lunes 7:15 | 2026-11-30 07:15 FREQ=WEEKLY;BYDAY=MO;BYHOUR=7;BYMINUTE=15
cada lunes y miércoles 7:15 | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7;BYMINUTE=15
todos los lunes, miércoles y viernes a las 7:15 | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=7;BYMINUTE=15
los sábados 10:00 | 2026-11-28 10:00 FREQ=WEEKLY;BYDAY=SA;BYHOUR=10;BYMINUTE=0
cada lunes a viernes 8:00 | 2026-11-25 08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0
entre semana a las 7:00 | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0
días laborables 7:00 | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0
fines de semana 9:00 | 2026-11-28 09:00 FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=9;BYMINUTE=0
cada 3 días 8:00 | 2026-11-27 08:00 FREQ=DAILY;INTERVAL=3;BYHOUR=8;BYMINUTE=0
cada dos semanas los viernes 17:00 | 2026-11-27 17:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0
el último viernes de cada mes 18:00 | 2026-11-27 18:00 FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=18;BYMINUTE=0
el primer lunes de cada mes a las 9:00 | 2026-12-07 09:00 FREQ=MONTHLY;BYDAY=+1MO;BYHOUR=9;BYMINUTE=0
segundo sábado del mes 9:00 | 2026-12-12 09:00 FREQ=MONTHLY;BYDAY=+2SA;BYHOUR=9;BYMINUTE=0
el 15 de cada mes 12:00 | 2026-12-15 12:00 FREQ=MONTHLY;BYMONTHDAY=15;BYHOUR=12;BYMINUTE=0
cada mes el día 1 a las 8:00 | 2026-12-01 08:00 FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=8;BYMINUTE=0
el último día de cada mes 20:00 | 2026-11-30 20:00 FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=20;BYMINUTE=0
cada año el 24 de diciembre 21:00 | 2026-12-24 21:00 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;BYHOUR=21;BYMINUTE=0
cada 3 horas de 8 a 20 | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=8,11,14,17,20;BYMINUTE=0
cada hora de 9 a 12 | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=9,10,11,12;BYMINUTE=0
cada 6 horas | 2026-11-24 12:00 FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0
cada 3 horas de 8 a 20 los lunes | 2026-11-30 08:00 FREQ=WEEKLY;BYDAY=MO;BYHOUR=8,11,14,17,20;BYMINUTE=0
cada 30 minutos de 7 a 8 entre semana | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7,8;BYMINUTE=0 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=30
"""

ENGLISH = """
mon-fri 6:30 | 2026-11-25 06:30 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6;BYMINUTE=30
monday to friday at 6:30 | 2026-11-25 06:30 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6;BYMINUTE=30
monday through friday 8am | 2026-11-25 08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0
from monday to friday at 7 | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0
mondays and thursdays at 18:30 | 2026-11-26 18:30 FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=18;BYMINUTE=30
sat, sun 10:00 | 2026-11-28 10:00 FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=10;BYMINUTE=0
mon & thu 18:00 | 2026-11-26 18:00 FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=18;BYMINUTE=0
tonight at 8 | 2026-11-24 20:00
tonight at midnight | 2026-11-25 00:00
midnight tonight | 2026-11-25 00:00
this afternoon at 5 | 2026-11-24 17:00
tomorrow evening at 9 | 2026-11-25 21:00
friday night at 9 | 2026-11-27 21:00
quarter to nine tomorrow morning | 2026-11-25 08:45
at half past eight in the morning | 2026-11-25 08:30
at quarter past 7 | 2026-11-25 07:15
thursday at eight pm | 2026-11-26 20:00
at 5 o'clock | 2026-11-25 05:00
the 24th at 8pm | 2026-11-24 20:00
on the 5th at 9am | 2026-12-05 09:00
friday 27 at 13:13 | 2026-11-27 13:13
monday next week at 9am | 2026-11-30 09:00
next week on tuesday at 9am | 2026-12-01 09:00
a week from now at 9am | 2026-12-01 09:00
every half hour | 2026-11-24 10:30 FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30
hourly from 7 to 22 | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22;BYMINUTE=0
every 15 minutes from 7 to 9 on weekdays | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7,8,9;BYMINUTE=0 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7,8;BYMINUTE=15,30,45
on the 1st and 15th of every month at 10am | 2026-12-01 10:00 FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=10;BYMINUTE=0
the first of every month at 9am | 2026-12-01 09:00 FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
2nd and 4th tuesday of the month 19:00 | 2026-11-24 19:00 FREQ=MONTHLY;BYDAY=+2TU,+4TU;BYHOUR=19;BYMINUTE=0
every 3 months on the 1st at 9am | 2026-12-01 09:00 FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
every december 25 at 8:00 | 2026-12-25 08:00 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25;BYHOUR=8;BYMINUTE=0
every other tuesday at 10am | 2026-12-01 10:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0
every second friday 18:00 | 2026-11-27 18:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=18;BYMINUTE=0
biweekly on tuesday at 10am | 2026-12-01 10:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0
every morning at 8 | 2026-11-25 08:00 FREQ=DAILY;BYHOUR=8;BYMINUTE=0
every evening at 8 | 2026-11-24 20:00 FREQ=DAILY;BYHOUR=20;BYMINUTE=0
every night at 11 | 2026-11-24 23:00 FREQ=DAILY;BYHOUR=23;BYMINUTE=0
twice a day at 8 and 20 | 2026-11-24 20:00 FREQ=DAILY;BYHOUR=8;BYMINUTE=0 FREQ=DAILY;BYHOUR=20;BYMINUTE=0
3 times a day at 8, 14 and 20 | 2026-11-24 14:00 FREQ=DAILY;BYHOUR=8;BYMINUTE=0 FREQ=DAILY;BYHOUR=14;BYMINUTE=0 FREQ=DAILY;BYHOUR=20;BYMINUTE=0
Thursday, 26 November 2026 15:00 | 2026-11-26 15:00
Sunday nov 29 10am | 2026-11-29 10:00
tomorrow in the afternoon at 5 | 2026-11-25 17:00
in an hour | 2026-11-24 11:00
in half an hour | 2026-11-24 10:30
in an hour and a half | 2026-11-24 11:30
in 2 hours 15 minutes | 2026-11-24 12:15
2026/12/24 20:00 | 2026-12-24 20:00
2026-12-24T20:00 | 2026-12-24 20:00
thursday 15:00 | 2026-11-26 15:00
on thursday at 3pm | 2026-11-26 15:00
this thursday at 3 p.m. | 2026-11-26 15:00
next thursday 15:00 | 2026-11-26 15:00
Thu 15:00 | 2026-11-26 15:00
tuesday 15:00 | 2026-11-24 15:00
tuesday 9am | 2026-12-01 09:00
next tuesday at 3pm | 2026-12-01 15:00
saturday at noon | 2026-11-28 12:00
tomorrow 9:30 | 2026-11-25 09:30
tomorrow at 9am | 2026-11-25 09:00
tomorrow at 7 in the evening | 2026-11-25 19:00
the day after tomorrow 18:00 | 2026-11-26 18:00
today 23:15 | 2026-11-24 23:15
today at 9pm | 2026-11-24 21:00
tonight 9:30pm | 2026-11-24 21:30
this evening at 8 pm | 2026-11-24 20:00
15:30 | 2026-11-24 15:30
at 8:00 | 2026-11-25 08:00
8pm | 2026-11-24 20:00
in 2 hours | 2026-11-24 12:00
in 30 minutes | 2026-11-24 10:30
in two hours | 2026-11-24 12:00
in 3 days at 9am | 2026-11-27 09:00
in a week at 10:00 | 2026-12-01 10:00
2026-12-24 20:00 | 2026-12-24 20:00
24/12/2026 20:00 | 2026-12-24 20:00
dec 24 8pm | 2026-12-24 20:00
dec 24th at 8:30 pm | 2026-12-24 20:30
december 24 20:00 | 2026-12-24 20:00
december 24th, 2027 at 8pm | 2027-12-24 20:00
24 december 20:00 | 2026-12-24 20:00
the 24th of december at 20:00 | 2026-12-24 20:00
january 5 7:15am | 2027-01-05 07:15
8pm on december 24 | 2026-12-24 20:00
every day at 7:00 | 2026-11-25 07:00 FREQ=DAILY;BYHOUR=7;BYMINUTE=0
daily 19:30 | 2026-11-24 19:30 FREQ=DAILY;BYHOUR=19;BYMINUTE=30
every day at 7:00 and 19:30 | 2026-11-24 19:30 FREQ=DAILY;BYHOUR=7;BYMINUTE=0 FREQ=DAILY;BYHOUR=19;BYMINUTE=30
every monday 7:15 | 2026-11-30 07:15 FREQ=WEEKLY;BYDAY=MO;BYHOUR=7;BYMINUTE=15
every mon,wed 07:15 | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7;BYMINUTE=15
every monday and wednesday at 7:15am | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7;BYMINUTE=15
mondays at 7:15 | 2026-11-30 07:15 FREQ=WEEKLY;BYDAY=MO;BYHOUR=7;BYMINUTE=15
every mon-fri 8:00 | 2026-11-25 08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0
every monday to friday at 8am | 2026-11-25 08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0
every weekday at 7:15 | 2026-11-25 07:15 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=15
weekdays 7:00 | 2026-11-25 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0
weekends at 9:00 | 2026-11-28 09:00 FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=9;BYMINUTE=0
every 3 days 8:00 | 2026-11-27 08:00 FREQ=DAILY;INTERVAL=3;BYHOUR=8;BYMINUTE=0
every other day at 8:00 | 2026-11-26 08:00 FREQ=DAILY;INTERVAL=2;BYHOUR=8;BYMINUTE=0
every other week on friday 17:00 | 2026-11-27 17:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0
every 2 weeks on friday at 5pm | 2026-11-27 17:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0
weekly on friday 17:00 | 2026-11-27 17:00 FREQ=WEEKLY;BYDAY=FR;BYHOUR=17;BYMINUTE=0
the last friday of every month 18:00 | 2026-11-27 18:00 FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=18;BYMINUTE=0
first monday of the month at 9am | 2026-12-07 09:00 FREQ=MONTHLY;BYDAY=+1MO;BYHOUR=9;BYMINUTE=0
every month on the 1st at 9:00 | 2026-12-01 09:00 FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0
the 15th of every month 12:00 | 2026-12-15 12:00 FREQ=MONTHLY;BYMONTHDAY=15;BYHOUR=12;BYMINUTE=0
the last day of every month at 8pm | 2026-11-30 20:00 FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=20;BYMINUTE=0
every year on december 24 21:00 | 2026-12-24 21:00 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;BYHOUR=21;BYMINUTE=0
every 3 hours from 8 to 20 | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=8,11,14,17,20;BYMINUTE=0
every hour from 9am to 12pm | 2026-11-24 11:00 FREQ=DAILY;BYHOUR=9,10,11,12;BYMINUTE=0
every 2 hours on weekdays from 8 to 10 | 2026-11-25 08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8,10;BYMINUTE=0
every 30 minutes from 7am to 8am on mondays | 2026-11-30 07:00 FREQ=WEEKLY;BYDAY=MO;BYHOUR=7,8;BYMINUTE=0 FREQ=WEEKLY;BYDAY=MO;BYHOUR=7;BYMINUTE=30
"""

NONSENSE = """
mañana 9 am y 5 pm
tomorrow 9:00 and 17:00
viernes 13 a las 13:13
two times a day at 8
5 to 9 people
lunes a viernes
hasta el 24 de diciembre
viernes 26 de noviembre 15:00
yesterday 10:00
hola
reunión de vecinos
5 consejos para la lluvia
mañana
el jueves
every monday
cada lunes
2026-13-40 20:00
31/02 10:00
31/06/2027 10:00
25:00
12:75
hoy 9:00
2020-01-01 10:00
ayer 10:00
yesterday 10:00
cada 1 minuto
every 2 minutes
cada 3 horas de 9 a 5
el 45 de cada mes 10:00
13pm
every banana 10:00
someday
cada vez que llueva
"""


def table(lines: str) -> list[tuple[str, datetime, tuple[str, ...]]]:
    found = []
    for line in lines.strip().splitlines():
        phrase, _, wanted = line.partition(" | ")
        day, clock, *rules = wanted.split(" ")
        found.append((phrase, datetime.fromisoformat(f"{day}T{clock}"), tuple(rules)))
    return found


@pytest.mark.parametrize("lines", [SPANISH, ENGLISH], ids=["es", "en"])
def test_the_table_is_long_enough(lines: str) -> None:
    assert len(table(lines)) >= 60
    assert len(NONSENSE.strip().splitlines()) >= 20


@pytest.mark.parametrize(("phrase", "first", "rules"), table(SPANISH) + table(ENGLISH))
def test_a_phrase_is_understood(phrase: str, first: datetime, rules: tuple[str, ...]) -> None:
    when, rest = understand(phrase, NOW)
    assert (when.first, when.rules, rest) == (first, rules, "")
    when, rest = understand(f"{phrase} Reunión en la plaza", NOW)
    assert (when.first, when.rules, rest) == (first, rules, "Reunión en la plaza")


@pytest.mark.parametrize("phrase", NONSENSE.strip().splitlines())
def test_nonsense_is_refused(phrase: str) -> None:
    with pytest.raises(NotUnderstood):
        understand(phrase, NOW)


def test_an_end_and_a_count_are_understood() -> None:
    when, rest = understand("cada lunes 8:00 hasta el 31/12/2026 Buenos días", NOW)
    assert (when.last, rest) == (datetime(2026, 12, 31, 23, 59), "Buenos días")
    when, rest = understand("every monday 8:00 10 times Good morning", NOW)
    assert (when.times, rest) == (10, "Good morning")
    when, _ = understand("every day 8:00 starting 2027-01-10 hello", NOW)
    assert when.first == datetime(2027, 1, 10, 8, 0)
    when, rest = understand("cada lunes a las 8 durante 4 semanas clase", NOW)
    assert (when.first, when.last, rest) == (datetime(2026, 11, 30, 8), datetime(2026, 12, 27, 23, 59), "clase")


@pytest.mark.parametrize(
    "text",
    [
        "A las víctimas, un abrazo", "Mañanas de sol", "5 heridos", "y más", "El 8 es mi número", "Hoy no hay agua",
        "Cada lunes hay clase", "cada lunes hay clase", "Hasta mañana, vecinos", "May the force be with you", "to 20 people",
    ],
)  # fmt: skip
def test_the_text_begins_where_the_time_ends(text: str) -> None:
    assert understand(f"jueves 15:00 {text}", NOW)[1] == text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("15:00 Hoy no hay agua", "Hoy no hay agua"),
        ("15:00\nhoy no hay agua", "hoy no hay agua"),
        ("cada 3 horas\nhoy no hay agua", "hoy no hay agua"),
        ("jueves 15:00 mañana de deporte", "mañana de deporte"),
        ("todos los días a las 22:00 hasta mañana, vecinos", "hasta mañana, vecinos"),
        ("todos los días a las 7 los lunes hay feria", "los lunes hay feria"),
        ("every day at 8 and 20 more", "and 20 more"),
    ],
)
def test_the_text_is_whole_though_it_speaks_of_time(typed: str, text: str) -> None:
    assert understand(typed, NOW)[1] == text


@pytest.mark.parametrize(
    ("words", "answer", "first"),
    [
        ("el jueves", "15:00", datetime(2026, 11, 26, 15, 0)),
        ("el jueves", "15", datetime(2026, 11, 26, 15, 0)),
        ("el jueves", "8 y media de la noche", datetime(2026, 11, 26, 20, 30)),
        ("el jueves", "ocho de la noche", datetime(2026, 11, 26, 20, 0)),
        ("mañana por la noche", "a las 9", datetime(2026, 11, 25, 21, 0)),
        ("every monday", "8", datetime(2026, 11, 30, 8, 0)),
        ("el jueves", "el viernes 15:00", datetime(2026, 11, 27, 15, 0)),
        ("", "el viernes 15:00", datetime(2026, 11, 27, 15, 0)),
    ],
)
def test_a_time_asked_for_belongs_to_the_day_said_before(words: str, answer: str, first: datetime) -> None:
    when, rest = understand_time(words, answer, NOW)
    assert (when.first, rest) == (first, "")


def test_a_day_without_a_time_is_told_apart_from_its_text() -> None:
    with pytest.raises(NotUnderstood) as caught:
        understand("el jueves Reunión de vecinos", NOW)
    assert (caught.value.reason, caught.value.words, caught.value.rest) == ("time", "el jueves", "Reunión de vecinos")


def test_every_second_week_begins_with_the_next_one() -> None:
    when, _ = understand("every other monday at 9:00", NOW)
    assert when.first == datetime(2026, 11, 30, 9, 0)


def choices(typed: str) -> list[str]:
    with pytest.raises(NotUnderstood) as caught:
        understand(typed, NOW)
    return [f"{c.first:%Y-%m-%d %H:%M}{' …' if c.rules else ''}" for c in caught.value.choices]


def test_what_can_mean_several_is_handed_back_and_never_chosen() -> None:
    assert choices("1/5/2027 10:00 Hola") == ["2027-01-05 10:00", "2027-05-01 10:00"]
    assert choices("viernes 26 de noviembre 15:00") == ["2026-11-26 15:00", "2026-11-27 15:00"]
    assert choices("el viernes a medianoche") == ["2026-11-27 00:00", "2026-11-28 00:00"]
    assert choices("fin de mes a las 9") == ["2026-11-30 09:00", "2026-11-30 09:00 …"]
    assert choices("este fin de semana a las 10") == ["2026-11-28 10:00", "2026-11-29 10:00"]
    assert choices("todos los días a las 8 y 20") == ["2026-11-24 20:00 …", "2026-11-25 08:20 …"]
    assert choices("mañana jueves 9:00") == ["2026-11-25 09:00", "2026-11-26 09:00"]


@pytest.mark.parametrize(
    ("typed", "order", "first"),
    [
        ("1/5/2027 10:00", Order.DAY_FIRST, datetime(2027, 5, 1, 10)),
        ("1/5/2027 10:00", Order.MONTH_FIRST, datetime(2027, 1, 5, 10)),
        ("12/25/2026 10:00", Order.DAY_FIRST, datetime(2026, 12, 25, 10)),
        ("25/12/2026 10:00", Order.MONTH_FIRST, datetime(2026, 12, 25, 10)),
        ("2027-05-01 10:00", Order.MONTH_FIRST, datetime(2027, 5, 1, 10)),
    ],
)
def test_the_order_of_a_date_can_be_told_from_outside(typed: str, order: Order, first: datetime) -> None:
    assert understand(typed, NOW, order=order)[0].first == first


def test_a_date_shows_its_order_where_it_can_be_only_one() -> None:
    assert order_of("12/24/2026 20:00") is Order.MONTH_FIRST
    assert order_of("24.12.26") is Order.DAY_FIRST
    assert [order_of(t) for t in ("1/5/2027", "2026-12-24", "mañana 9:00", "40/40/2026")] == [None] * 4


def test_an_hour_that_clocks_jump_over_is_refused_and_hours_ahead_are_real_ones() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    with pytest.raises(NotUnderstood) as caught:
        understand("28/3/2027 2:30", NOW, zone=madrid)
    assert (caught.value.reason, caught.value.words) == ("gap", "02:30")
    assert understand("28/3/2027 3:30", NOW, zone=madrid)[0].first == datetime(2027, 3, 28, 3, 30)
    before = datetime(2027, 3, 28, 1, 30)
    assert understand("en 2 horas", before, zone=madrid)[0].first == datetime(2027, 3, 28, 4, 30)


HONEST = [
    "A las víctimas, un abrazo", "Mañana hay feria", "Hoy no hay agua", "Domingo de feria en la plaza", "5 consejos",
    "y más", "a las víctimas, un abrazo", "hay feria", "cierre de la vía a las 8 mañana", "el agua vuelve", "🎉 mañana",
    "«mañana» en cartelera", "#mañana", "@mañana", "may the force be with you", "sat on the bench", "1024 vecinos",
    "la vía cerrada", "un abrazo a todos", "en la plaza", "to all of you", "second chance for the park", "es hora",
]  # fmt: skip
LEFT_OVER = {
    "menos domingo hay feria": "menos domingo", "except sunday hello": "except sunday", "y jueves 18:00": "y jueves 18:00",
    "de la noche feria": "de la noche", "UTC hola": "UTC", "gmt": "gmt", "hasta el viernes hay feria": "hasta el viernes",
    "PM feria": "PM", "mañana de deporte": "mañana", "en enero feria": "en enero", "Menos domingos, feria": "Menos domingos",
    "por la tarde": "por la tarde", "a las 20:00 feria": "a las 20:00", "Monday hello": "Monday", "o a las 9": "o a las 9",
    "la semana que viene hay feria": "la semana que viene", "cada dos semanas feria": "cada dos semanas",
}  # fmt: skip


def test_words_of_time_are_found_at_the_head_of_a_text_and_honest_texts_are_left_alone() -> None:
    assert {t: left_over(f"mañana 9:00 {t}", t) for t in HONEST if left_over(f"mañana 9:00 {t}", t)} == {}
    assert {t: left_over(f"mañana 9:00 {t}", t) for t in LEFT_OVER} == LEFT_OVER
    for mark in ("\n", ": ", " - ", " — "):
        assert left_over(f"mañana 9:00{mark}lunes de rock", "lunes de rock") == ""
    assert left_over("MAÑANA 9:00 MENOS DOMINGO FERIA", "MENOS DOMINGO FERIA") == "MENOS DOMINGO"


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        when, rest = understand(text, NOW)
    except NotUnderstood:
        return
    assert when.first > NOW
    assert when.first < NOW + timedelta(days=366 * 6)
    assert text.rstrip().endswith(rest.rstrip())
