public import Base
public import Media
public import MediaProcess

/// A picture on its way through a pipeline, wherever it was decoded.
public enum SourceFrame: Sendable {
  /// In this process.
  case local(Frame)
  /// In a media process, which renders it into memory that both share.
  case remote(RemoteFrame)
  /// One whose picture was let go once everybody had seen it.
  case seen(SeenFrame)

  public var index: Int {
    switch self {
    case .local(let frame): frame.index
    case .remote(let frame): frame.index
    case .seen(let frame): frame.index
    }
  }

  public var pts: Int? {
    switch self {
    case .local(let frame): frame.pts
    case .remote(let frame): frame.pts
    case .seen(let frame): frame.pts
    }
  }

  /// Seconds.
  public var time: Double {
    switch self {
    case .local(let frame): frame.time
    case .remote(let frame): frame.time
    case .seen(let frame): frame.time
    }
  }

  /// Which cell of its film it lies in: see `Frame.cell`.
  public var cell: Int {
    switch self {
    case .local(let frame): frame.cell
    case .remote(let frame): frame.cell
    case .seen(let frame): frame.cell
    }
  }

  /// The picture as people see it: turned upright, with square pixels.
  public var size: Size {
    switch self {
    case .local(let frame): frame.size
    case .remote(let frame): frame.size
    case .seen(let frame): frame.size
    }
  }

  /// The whole upright picture, three bytes a pixel, red first, scaled to `size` or in its own; for people's eyes.
  public func rgb(size: Size? = nil) throws(Fault) -> [UInt8] {
    switch self {
    case .local(let frame): try frame.rgb(size: size)
    case .remote(let frame): try frame.rgb(size: size)
    case .seen: preconditionFailure("a picture is asked for that was let go")
    }
  }

  /// The same without its picture, which is what takes memory.
  var withoutPicture: SourceFrame {
    .seen(SeenFrame(index: index, pts: pts, time: time, cell: cell, size: size))
  }

  /// Brightness of a part of the upright picture, given in fractions of it: a byte a pixel, the longest side `longest` pixels, or what it has
  /// where that is less.
  public func gray(_ region: Rect = .unit, longest: Int) throws(Fault) -> (bytes: [UInt8], size: Size) {
    let (width, height) = (Double(size.width), Double(size.height))
    let inside = region.clipped(to: .unit)
    let pixels = Rect(
      x: inside.x * width, y: inside.y * height, width: max(1, inside.width * width),
      height: max(1, inside.height * height))
    let scale = min(1, Double(longest) / max(pixels.width, pixels.height))
    let small = Size(
      width: max(1, Int((pixels.width * scale).rounded())), height: max(1, Int((pixels.height * scale).rounded())))
    switch self {
    case .local(let frame): return (try frame.gray(pixels, size: small), small)
    case .remote(let frame): return (try frame.gray(pixels, size: small), small)
    case .seen: preconditionFailure("a picture is asked for that was let go")
    }
  }

  /// Renders as ``Frame/render(into:size:source:target:order:pad:interpolation:)`` does, into memory of the same side.
  func render(
    into memory: InputMemory, size: Size, source: Rect, target: Rect, order: PixelOrder, pad: UInt8,
    interpolation: Interpolation = .halving
  ) throws(Fault) {
    switch (self, memory.content) {
    case (.local(let frame), .own(let memory, let range)):
      try memory.write(range) { (bytes) throws(Fault) in
        try frame.render(
          into: &bytes, size: size, source: source, target: target, order: order, pad: pad,
          interpolation: interpolation)
      }
    case (.remote(let frame), .shared(let buffer)):
      try frame.render(
        into: buffer, size: size, source: source, target: target, order: order, pad: pad, interpolation: interpolation)
    default: preconditionFailure("a frame is rendered into memory that its process does not reach")
    }
  }
}

/// What stays of a frame without its picture.
public struct SeenFrame: Sendable, Hashable {
  public let index: Int
  public let pts: Int?
  /// Seconds.
  public let time: Double
  public let cell: Int
  public let size: Size
}

/// One input of a network that takes pictures: written in place, then read by the engine where it is.
struct InputMemory: Sendable {
  enum Content: Sendable {
    case own(AlignedMemory, Range<Int>)
    case shared(SharedBuffer)
  }

  let content: Content
  let bytes: SharedBytes

  /// `count` inputs of `byteCount` bytes, in the order in which they are asked.
  ///
  /// Our own stand next to each other, so that those asked one after the other make a batch without a copy. `share` makes memory that the
  /// process of the frames reaches.
  static func row(
    of count: Int, byteCount: Int, share: ((Int) throws(Fault) -> SharedBuffer)?
  ) throws(Fault) -> [InputMemory] {
    guard let share else {
      let memory = AlignedMemory(count * byteCount)
      return (0..<count).map { index in
        let range = index * byteCount..<(index + 1) * byteCount
        return InputMemory(content: .own(memory, range), bytes: memory[range])
      }
    }
    return try (0..<count).map { (_) throws(Fault) in
      let buffer = try share(byteCount)
      return InputMemory(content: .shared(buffer), bytes: buffer.bytes)
    }
  }
}
