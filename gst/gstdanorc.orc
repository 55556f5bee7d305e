# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The work on pixels in gstdanstrip.c, which says how the programs go together.
# Drawings are premultiplied; u8 and u16 are unsigned components of 8 bits and
# of 10 in 16, little endian.
#
# A rounded x / 255 is (x + 128) * 257 / 65536: div255w rounds in ORC 0.4.33 but
# no longer in 0.4.41.
#
# No program has many arrays: for one of nine, ORC 0.4.33 takes the register r12
# on x86-64, and the caller does not get it back.

# Words of a drawing as planes.
.function gst_dan_orc_split
.flags 2d
.dest 1 alpha guint8
.dest 1 red guint8
.dest 1 green guint8
.dest 1 blue guint8
.source 4 argb guint32
.temp 2 high
.temp 2 low

splitlw high, low, argb
splitwb alpha, red, high
splitwb green, blue, low

# The first of two bytes, and of four.
.function gst_dan_orc_halve
.flags 2d
.dest 1 d guint8
.source 2 s guint16

convwb d, s

.function gst_dan_orc_quarter
.flags 2d
.dest 1 d guint8
.source 4 s guint32
.temp 2 t

convlw t, s
convwb d, t

# Luma or chroma: a row of a matrix in 1/32768, of which sums keep 6 bits of
# fraction; for u16 in 1/8192, and 4 bits.
.function gst_dan_orc_component_u8
.dest 1 d guint8
.source 1 alpha guint8
.source 1 red guint8
.source 1 green guint8
.source 1 blue guint8
.param 2 ca
.param 2 cr
.param 2 cg
.param 2 cb
.temp 2 sum
.temp 2 term

convubw sum, alpha
shlw sum, sum, 7
mulhsw sum, sum, ca
convubw term, red
shlw term, term, 7
mulhsw term, term, cr
addw sum, sum, term
convubw term, green
shlw term, term, 7
mulhsw term, term, cg
addw sum, sum, term
convubw term, blue
shlw term, term, 7
mulhsw term, term, cb
addw sum, sum, term
addw sum, sum, 32
shrsw sum, sum, 6
convsuswb d, sum

.function gst_dan_orc_component_u16
.dest 2 d guint16
.source 1 alpha guint8
.source 1 red guint8
.source 1 green guint8
.source 1 blue guint8
.param 2 ca
.param 2 cr
.param 2 cg
.param 2 cb
.temp 2 sum
.temp 2 term

convubw sum, alpha
shlw sum, sum, 7
mulhsw sum, sum, ca
convubw term, red
shlw term, term, 7
mulhsw term, term, cr
addw sum, sum, term
convubw term, green
shlw term, term, 7
mulhsw term, term, cg
addw sum, sum, term
convubw term, blue
shlw term, term, 7
mulhsw term, term, cb
addw sum, sum, term
addw sum, sum, 8
shrsw sum, sum, 4
maxsw d, sum, 0

# Components side by side.
.function gst_dan_orc_pack2_u8
.dest 2 d guint16
.source 1 s1 guint8
.source 1 s2 guint8

mergebw d, s1, s2

.function gst_dan_orc_pack2_u16
.dest 4 d guint32
.source 2 s1 guint16
.source 2 s2 guint16

mergewl d, s1, s2

.function gst_dan_orc_pack4_u8
.dest 4 d guint32
.source 1 s1 guint8
.source 1 s2 guint8
.source 1 s3 guint8
.source 1 s4 guint8
.temp 2 low
.temp 2 high

mergebw low, s1, s2
mergebw high, s3, s4
mergewl d, low, high

# How far the frame's alpha is from opaque, in all.
.function gst_dan_orc_transparency
.flags 2d
.accumulator 4 sum gint32
.source 1 alpha guint8

accsadubl sum, alpha, 255

# For frames whose alpha is not premultiplied: by how much less a drawing has to
# be premultiplied over a frame with that alpha, as floats. 255. is 0x437f0000.
.function gst_dan_orc_excess
.flags 2d
.dest 4 d float
.source 1 alpha guint8
.source 1 below guint8
.temp 2 w
.temp 2 sum
.temp 4 l

convubw w, alpha
subw w, 255, w
convubw sum, below
mullw w, w, sum
addw w, w, 128
mulhuw w, w, 257
convubw sum, alpha
addw sum, sum, w
maxsw sum, sum, 1
convswl l, sum
convlf l, l
divf d, 0x437f0000, l

# 0.5 is 0x3f000000.
.function gst_dan_orc_straighten
.flags 2d
.dest 1 d guint8
.source 1 s guint8
.source 4 excess float
.temp 2 w
.temp 4 l

convubw w, s
convswl l, w
convlf l, l
mulf l, l, excess
addf l, l, 0x3f000000
convfl l, l
convlw w, l
convwb d, w

# s over d; d stays what it is where the alpha a is 0.
.function gst_dan_orc_blend_u8
.flags 2d
.dest 1 d guint8
.source 1 s guint8
.source 1 a guint8
.temp 2 w
.temp 2 v
.temp 1 b

convubw w, d
convubw v, a
mullw w, w, v
addw w, w, 128
mulhuw w, w, 257
convwb b, w
subb b, d, b
addusb d, b, s

# The components of d are shift bits up. x / 255 is x * 257 / 65536.
.function gst_dan_orc_blend_u16
.flags 2d
.dest 2 d guint16
.source 2 s guint16
.source 1 a guint8
.param 2 shift
.temp 2 w
.temp 2 v
.temp 4 l
.temp 4 m

shruw w, d, shift
convubw v, a
muluwl l, w, v
shll m, l, 8
addl l, l, m
addl l, l, 32768
shrul l, l, 16
convlw w, l
subw w, s, w
shlw w, w, shift
addw d, d, w
