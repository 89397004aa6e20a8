/// Dot products of one vector with many that lie one behind the other, as 32 bit floats in the order of bytes of this machine.
///
/// No wider instructions than every processor of its kind has: one core adds faster than memory brings rows, see `bench/vectors`.
struct DotKernel {
  private let query: [Float]

  init(_ query: [Float]) { self.query = query }

  /// By how much a product can be beside the exact one, for vectors of the length 1.
  var tolerance: Float { Float(query.count / 32 + 32) * 0x1p-23 }

  /// The products with some rows, each at its number in `into`; `first` is where row 0 begins.
  func multiply(_ bytes: borrowing RawSpan, from first: Int, rows: Range<Int>, into products: inout [Float]) {
    let length = query.count
    precondition(rows.isEmpty || first + rows.upperBound * length * 4 <= bytes.byteCount, "the rows lie in the bytes")
    precondition(rows.upperBound <= products.count, "every row has a place")
    unsafe query.withUnsafeBytes { query in
      unsafe bytes.withUnsafeBytes { bytes in
        for row in rows {
          unsafe products[row] = Self.dot(query.baseAddress!, bytes.baseAddress! + first + row * length * 4, length)
        }
      }
    }
  }

  /// The square of a vector's length.
  static func square(_ bytes: borrowing RawSpan, from place: Int, count: Int) -> Float {
    precondition(place + count * 4 <= bytes.byteCount, "the vector lies in the bytes")
    return unsafe bytes.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress! + place
      return unsafe dot(start, start, count)
    }
  }

  @inline(__always)
  private static func dot(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Float {
    var (s0, s1) = (SIMD8<Float>(), SIMD8<Float>())
    var (s2, s3) = (SIMD8<Float>(), SIMD8<Float>())
    @inline(__always) func term(_ place: Int) -> SIMD8<Float> {
      unsafe a.loadUnaligned(fromByteOffset: place * 4, as: SIMD8<Float>.self)
        * b.loadUnaligned(fromByteOffset: place * 4, as: SIMD8<Float>.self)
    }
    var place = 0
    while place + 32 <= count {
      s0 += term(place)
      s1 += term(place + 8)
      s2 += term(place + 16)
      s3 += term(place + 24)
      place += 32
    }
    while place + 8 <= count {
      s0 += term(place)
      place += 8
    }
    var sum = ((s0 + s1) + (s2 + s3)).sum()
    while place < count {
      unsafe sum +=
        a.loadUnaligned(fromByteOffset: place * 4, as: Float.self)
        * b.loadUnaligned(fromByteOffset: place * 4, as: Float.self)
      place += 1
    }
    return sum
  }

  /// The product with one row, in the order of the numbers and with 64 bits: what ranks are told by.
  func exact(_ bytes: borrowing RawSpan, from first: Int, row: Int) -> Double {
    var sum = 0.0
    let start = first + row * query.count * 4
    for place in query.indices {
      sum +=
        Double(query[place])
        * Double(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start + place * 4, as: Float.self))
    }
    return sum
  }
}
