import Testing

@Suite("Half precision")
struct HalfTests {
  /// IEEE 754, section 3.4, by hand.
  private func byHand(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 10 & 0x1f), Float(bits & 0x3ff))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
    }
  }

  @Test("the toolchain's Float16 reads every pattern of bits as the standard says")
  func everyPattern() {
    for bits in UInt16.min...UInt16.max {
      let (value, expected) = (Float(Float16(bitPattern: bits)), byHand(bits))
      #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN, "\(bits)")
    }
  }
}
