internal import Base
internal import Isolation
internal import Media

extension MediaInfo {
  func write(_ fields: inout FieldWriter) {
    fields.add(format)
    fields.add(duration) { $0.add($1) }
    fields.add(byteCount)
    fields.add(streamCount)
    fields.add(hasAudio)
    fields.add(isPicture)
    fields.add(streamIndex)
    fields.add(codec)
    fields.add(profile)
    codedSize.write(&fields)
    size.write(&fields)
    sampleAspect.write(&fields)
    fields.add(orientation.rotation)
    fields.add(orientation.mirrored)
    frameRate.write(&fields)
    timeBase.write(&fields)
    fields.add(frameCount) { $0.add($1) }
    fields.add(startPTS) { $0.add($1) }
    fields.add(pixelFormat)
    fields.add(bitDepth)
    for word in [colorMatrix, colorRange, colorPrimaries, colorTransfer] { fields.add(word) }
    fields.add(usedMatrix.rawValue)
    fields.add(usesFullRange)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    let counts = FieldReader.counts
    let format = try fields.text()
    let duration = try fields.optional { (fields) throws(Fault) in try fields.number() }
    let (byteCount, streamCount) = (try fields.integer(in: counts), try fields.integer(in: counts))
    let (hasAudio, isPicture) = (try fields.flag(), try fields.flag())
    let streamIndex = try fields.integer(in: counts)
    let (codec, profile) = (try fields.text(), try fields.text())
    let (codedSize, size) = (try Size(&fields), try Size(&fields))
    let sampleAspect = try Ratio(&fields)
    let quarters = try fields.integer(in: 0...270)
    guard quarters % 90 == 0 else { throw FieldReader.nonsense }
    let orientation = Orientation(rotation: quarters, mirrored: try fields.flag())
    let (frameRate, timeBase) = (try Ratio(&fields), try Ratio(&fields))
    let frameCount = try fields.optional { (fields) throws(Fault) in try fields.integer(in: counts) }
    let startPTS = try fields.optional { (fields) throws(Fault) in try fields.integer() }
    let pixelFormat = try fields.text()
    let bitDepth = try fields.integer(in: 0...64)
    let (matrix, range, primaries, transfer) = (
      try fields.text(), try fields.text(), try fields.text(), try fields.text()
    )
    guard let usedMatrix = ColorMatrix(rawValue: try fields.text()) else { throw FieldReader.nonsense }
    self.init(
      format: format, duration: duration, byteCount: byteCount, streamCount: streamCount, hasAudio: hasAudio,
      isPicture: isPicture, streamIndex: streamIndex, codec: codec, profile: profile, codedSize: codedSize, size: size,
      sampleAspect: sampleAspect, orientation: orientation, frameRate: frameRate, timeBase: timeBase,
      frameCount: frameCount, startPTS: startPTS, pixelFormat: pixelFormat, bitDepth: bitDepth, colorMatrix: matrix,
      colorRange: range, colorPrimaries: primaries, colorTransfer: transfer, usedMatrix: usedMatrix,
      usesFullRange: try fields.flag())
  }
}
