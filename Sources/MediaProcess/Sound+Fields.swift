internal import Base
internal import Isolation
internal import Media

extension SoundBlock {
  /// Of a whole block.
  static let byteCount = SoundReader.blockLength * MemoryLayout<Float>.size
}

extension FieldReader {
  /// Of samples: two thousand years, and far from where sums overflow.
  static let sampleNumbers = -(1 << 50)...1 << 50
}

extension SoundInfo {
  func write(_ fields: inout FieldWriter) {
    fields.add(format)
    fields.add(codec)
    for value in [sampleRate, channels, streamIndex, first] { fields.add(value) }
    fields.add(hasPicture)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    let counts = FieldReader.counts
    self.init(
      format: try fields.text(), codec: try fields.text(), sampleRate: try fields.integer(in: counts),
      channels: try fields.integer(in: counts), streamIndex: try fields.integer(in: counts),
      first: try fields.integer(in: FieldReader.sampleNumbers), hasPicture: try fields.flag())
  }
}

extension SoundTally {
  func write(_ fields: inout FieldWriter) {
    corrupt.write(&fields)
    for value in [filled, corrections, jumps] { fields.add(value) }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    self.init()
    corrupt = try CorruptFrames(&fields)
    filled = try fields.integer(in: FieldReader.sampleNumbers)
    (corrections, jumps) = (try fields.integer(in: FieldReader.counts), try fields.integer(in: FieldReader.counts))
  }
}
