/// The shapes of ``Font``: for each printable ASCII character its upper and its lower eight rows.
///
/// A byte is a row, the top row first, the leftmost pixel in the highest bit. Drawn by FreeType from DejaVu Sans Mono 2.37
/// at 13 pixels without grey levels; the notice that goes with the font stands at the end of this file.
enum FontGlyphs {
  static let rows: [UInt64] = [
    0x0000_0000_0000_0000, 0x0000_0000_0000_0000,  // space
    0x0000_0010_1010_1010, 0x1000_1010_0000_0000,  // !
    0x0000_0028_2828_2800, 0x0000_0000_0000_0000,  // "
    0x0000_1212_167F_2424, 0xFE28_4848_0000_0000,  // #
    0x0000_0008_3E49_4838, 0x0E09_493E_0808_0000,  // $
    0x0000_0060_9090_621C, 0x6609_0906_0000_0000,  // %
    0x0000_001C_2020_3049, 0x4D45_623D_0000_0000,  // &
    0x0000_0010_1010_1000, 0x0000_0000_0000_0000,  // '
    0x000C_0808_1010_1010, 0x1010_0808_0400_0000,  // (
    0x0030_1010_0808_0808, 0x0808_1010_2000_0000,  // )
    0x0000_0008_493E_1C6B, 0x0800_0000_0000_0000,  // *
    0x0000_0000_1010_10FE, 0x1010_1000_0000_0000,  // +
    0x0000_0000_0000_0000, 0x0000_1818_1020_0000,  // ,
    0x0000_0000_0000_0000, 0x3800_0000_0000_0000,  // -
    0x0000_0000_0000_0000, 0x0000_1818_0000_0000,  // .
    0x0000_0002_0404_0808, 0x1810_1020_2040_0000,  // /
    0x0000_001C_2241_4149, 0x4141_221C_0000_0000,  // 0
    0x0000_0038_0808_0808, 0x0808_083E_0000_0000,  // 1
    0x0000_003E_4301_0102, 0x0C18_207F_0000_0000,  // 2
    0x0000_003E_4101_031C, 0x0301_433E_0000_0000,  // 3
    0x0000_0006_0A1A_1222, 0x427F_0202_0000_0000,  // 4
    0x0000_007E_4040_7C03, 0x0101_433C_0000_0000,  // 5
    0x0000_001E_2140_5E63, 0x4141_231E_0000_0000,  // 6
    0x0000_007F_0202_0404, 0x0818_1020_0000_0000,  // 7
    0x0000_003E_4141_413E, 0x6341_613E_0000_0000,  // 8
    0x0000_003C_6241_4163, 0x3D01_423C_0000_0000,  // 9
    0x0000_0000_0018_1800, 0x0000_1818_0000_0000,  // :
    0x0000_0000_0018_1800, 0x0000_1818_1020_0000,  // ;
    0x0000_0000_0001_0E70, 0x700E_0100_0000_0000,  // <
    0x0000_0000_0000_7F00, 0x007F_0000_0000_0000,  // =
    0x0000_0000_0040_3807, 0x0738_4000_0000_0000,  // >
    0x0000_0038_4404_0810, 0x1000_1010_0000_0000,  // ?
    0x0000_001E_3321_4749, 0x4949_4720_301E_0000,  // @
    0x0000_0008_1414_1422, 0x223E_6341_0000_0000,  // A
    0x0000_007E_4141_417E, 0x4141_417E_0000_0000,  // B
    0x0000_001E_2140_4040, 0x4040_211E_0000_0000,  // C
    0x0000_007C_4241_4141, 0x4141_427C_0000_0000,  // D
    0x0000_007F_4040_407F, 0x4040_407F_0000_0000,  // E
    0x0000_007F_4040_407F, 0x4040_4040_0000_0000,  // F
    0x0000_001E_2140_4043, 0x4141_211E_0000_0000,  // G
    0x0000_0041_4141_417F, 0x4141_4141_0000_0000,  // H
    0x0000_007C_1010_1010, 0x1010_107C_0000_0000,  // I
    0x0000_001C_0404_0404, 0x0404_4438_0000_0000,  // J
    0x0000_0042_4448_5070, 0x4844_4442_0000_0000,  // K
    0x0000_0040_4040_4040, 0x4040_407F_0000_0000,  // L
    0x0000_0063_6355_5555, 0x4941_4141_0000_0000,  // M
    0x0000_0061_6151_5149, 0x4545_4343_0000_0000,  // N
    0x0000_001C_2241_4141, 0x4141_221C_0000_0000,  // O
    0x0000_007E_4341_4143, 0x7E40_4040_0000_0000,  // P
    0x0000_001C_2241_4141, 0x4141_231E_0602_0000,  // Q
    0x0000_007E_4341_417E, 0x4241_4140_0000_0000,  // R
    0x0000_003E_6140_603E, 0x0301_433E_0000_0000,  // S
    0x0000_00FE_1010_1010, 0x1010_1010_0000_0000,  // T
    0x0000_0041_4141_4141, 0x4141_413E_0000_0000,  // U
    0x0000_0041_6322_2222, 0x1414_1408_0000_0000,  // V
    0x0000_0081_8181_5A5A, 0x5A66_6666_0000_0000,  // W
    0x0000_0063_2214_1C08, 0x1436_2241_0000_0000,  // X
    0x0000_0082_4428_2810, 0x1010_1010_0000_0000,  // Y
    0x0000_007F_0306_0408, 0x1030_607F_0000_0000,  // Z
    0x001C_1010_1010_1010, 0x1010_1010_1C00_0000,  // [
    0x0000_0040_2020_1010, 0x1808_0804_0402_0000,  // backslash
    0x0038_0808_0808_0808, 0x0808_0808_3800_0000,  // ]
    0x0000_0010_2844_C600, 0x0000_0000_0000_0000,  // ^
    0x0000_0000_0000_0000, 0x0000_0000_0000_FF00,  // _
    0x0000_1008_0000_0000, 0x0000_0000_0000_0000,  // `
    0x0000_0000_001C_2202, 0x3E42_463A_0000_0000,  // a
    0x0040_4040_407C_6642, 0x4242_667C_0000_0000,  // b
    0x0000_0000_001C_2240, 0x4040_221C_0000_0000,  // c
    0x0002_0202_023E_6642, 0x4242_663E_0000_0000,  // d
    0x0000_0000_003C_6642, 0x7E40_623C_0000_0000,  // e
    0x000C_1010_107C_1010, 0x1010_1010_0000_0000,  // f
    0x0000_0000_003E_6642, 0x4242_663A_0222_1C00,  // g
    0x0040_4040_405C_6242, 0x4242_4242_0000_0000,  // h
    0x0010_0000_0070_1010, 0x1010_107C_0000_0000,  // i
    0x0008_0000_0038_0808, 0x0808_0808_0808_7000,  // j
    0x0040_4040_4044_4850, 0x7048_4442_0000_0000,  // k
    0x0070_1010_1010_1010, 0x1010_100E_0000_0000,  // l
    0x0000_0000_007F_4949, 0x4949_4949_0000_0000,  // m
    0x0000_0000_005C_6242, 0x4242_4242_0000_0000,  // n
    0x0000_0000_003C_6642, 0x4242_663C_0000_0000,  // o
    0x0000_0000_007C_6642, 0x4242_667C_4040_4000,  // p
    0x0000_0000_003E_6642, 0x4242_663A_0202_0200,  // q
    0x0000_0000_003C_3220, 0x2020_2020_0000_0000,  // r
    0x0000_0000_003C_4240, 0x3C02_423C_0000_0000,  // s
    0x0000_0010_107E_1010, 0x1010_100E_0000_0000,  // t
    0x0000_0000_0042_4242, 0x4242_463A_0000_0000,  // u
    0x0000_0000_0042_6624, 0x243C_1818_0000_0000,  // v
    0x0000_0000_0081_815A, 0x5A5A_2424_0000_0000,  // w
    0x0000_0000_0066_2418, 0x1818_2466_0000_0000,  // x
    0x0000_0000_0042_2224, 0x2414_1808_0810_3000,  // y
    0x0000_0000_007E_0204, 0x1820_407E_0000_0000,  // z
    0x001C_1010_1010_6010, 0x1010_1010_0C00_0000,  // {
    0x0010_1010_1010_1010, 0x1010_1010_1010_0000,  // |
    0x0070_1010_1010_0C10, 0x1010_1010_6000_0000,  // }
    0x0000_0000_0000_0039, 0x4600_0000_0000_0000,  // ~
  ]
}

// Copyright: Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved.
// Bitstream Vera is a trademark of Bitstream, Inc.
// DejaVu changes are in public domain.
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of the fonts accompanying this license ("Fonts") and associated
// documentation files (the "Font Software"), to reproduce and distribute the
// Font Software, including without limitation the rights to use, copy, merge,
// publish, distribute, and/or sell copies of the Font Software, and to permit
// persons to whom the Font Software is furnished to do so, subject to the
// following conditions:
//
// The above copyright and trademark notices and this permission notice shall
// be included in all copies of one or more of the Font Software typefaces.
//
// The Font Software may be modified, altered, or added to, and in particular
// the designs of glyphs or characters in the Fonts may be modified and
// additional glyphs or characters may be added to the Fonts, only if the fonts
// are renamed to names not containing either the words "Bitstream" or the word
// "Vera".
//
// This License becomes null and void to the extent applicable to Fonts or Font
// Software that has been modified and is distributed under the "Bitstream
// Vera" names.
//
// The Font Software may be sold as part of a larger software package but no
// copy of one or more of the Font Software typefaces may be sold by itself.
//
// THE FONT SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
// OR IMPLIED, INCLUDING BUT NOT LIMITED TO ANY WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF COPYRIGHT, PATENT,
// TRADEMARK, OR OTHER RIGHT. IN NO EVENT SHALL BITSTREAM OR THE GNOME
// FOUNDATION BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, INCLUDING
// ANY GENERAL, SPECIAL, INDIRECT, INCIDENTAL, OR CONSEQUENTIAL DAMAGES,
// WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF
// THE USE OR INABILITY TO USE THE FONT SOFTWARE OR FROM OTHER DEALINGS IN THE
// FONT SOFTWARE.
//
// Except as contained in this notice, the names of Gnome, the Gnome
// Foundation, and Bitstream Inc., shall not be used in advertising or
// otherwise to promote the sale, use or other dealings in this Font Software
// without prior written authorization from the Gnome Foundation or Bitstream
// Inc., respectively. For further information, contact: fonts at gnome dot
// org.
