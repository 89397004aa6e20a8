public import Base

/// What a rendition is of, as bytes: which frames of the film it shows, what was damaged, and the film's own index.
///
/// Kept beside the rendition, so that nothing need be asked of the film again. A sum at the end shows damage.
extension Rendition {
  private static let magic = Array("RIDLEY-RENDITION-1\n".utf8)

  public var bytes: [UInt8] {
    var out = NumberWriter(Self.magic)
    for number in [size.width, size.height, origins.count] { out.put(number) }
    var (numbers, timestamps) = (Differences(), Differences())
    for origin in origins {
      numbers.add(origin.index)
      timestamps.add(origin.pts ?? .min)
    }
    out.put(numbers)
    out.put(timestamps)
    for origin in origins { out.put(origin.time) }
    out.put(covered.lowerBound)
    out.put(covered.upperBound)
    out.put(corrupt.count)
    out.put(corrupt.samples.count)
    for sample in corrupt.samples {
      out.put(sample.pts ?? .min)
      out.put(sample.time ?? .nan)
      out.put(text: sample.reason)
    }
    out.put(bytes: index?.bytes ?? [])
    return out.finished()
  }

  /// Reads what ``bytes`` gave; anything else is `badInput`.
  public init(bytes: [UInt8]) throws(Fault) {
    let damaged = Fault(.badInput, "these are no facts of a rendition, or they are damaged")
    guard var input = NumberReader(bytes, magic: Self.magic) else { throw damaged }
    let size = Size(width: input.number(), height: input.number())
    let count = input.count()
    let (numbers, timestamps) = (input.differences(count), input.differences(count))
    let times = numbers.map { _ in input.double() }
    let covered = (input.double(), input.double())
    let (corruptCount, samples) = (input.number(), (0..<input.count()).map { _ in CorruptFrames.Sample(&input) })
    let index = Array(input.slice())
    let packed = PackedFrameIndex(bytes: index)
    guard input.isWhole, numbers.count == count, timestamps.count == count, size.area > 0, covered.0 <= covered.1,
      index.isEmpty || packed != nil, zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw damaged }
    self.init(
      size: size,
      origins: numbers.indices.map { place in
        Origin(
          index: numbers[place], pts: timestamps[place] == .min ? nil : timestamps[place], time: times[place])
      }, corrupt: CorruptFrames(count: corruptCount, samples: samples), covered: covered.0...covered.1, index: packed)
  }
}

extension CorruptFrames.Sample {
  fileprivate init(_ input: inout NumberReader) {
    let (pts, time) = (input.known(), input.double())
    self.init(pts: pts, time: time.isNaN ? nil : time, reason: input.text())
  }
}

extension NumberWriter {
  fileprivate mutating func put(_ value: Double) { put(Int(bitPattern: UInt(value.bitPattern))) }
}

extension NumberReader {
  fileprivate mutating func double() -> Double { Double(bitPattern: UInt64(UInt(bitPattern: number()))) }
}
