public import Base
internal import Isolation
internal import Media
public import Predictions
internal import Vision

/// A picture or a short clip on its way through a model: decoded, oriented and scaled, asked about, and its answers read.
///
/// Decoding is done by a crew; a clip keeps a few frames in flight. Nothing here waits.
public final class Looking: @unchecked Sendable {  // `state` is guarded; the reader is used by one job after the other
  /// What is to be done.
  public struct Order: Sendable {
    public var version: ServedVersion
    /// Who asks, for fairness.
    public var source: String
    /// Monotonic nanoseconds.
    public var deadline: UInt64
    /// Seconds between the frames of a clip that are looked at.
    public var every = 1.0
    /// The picture is wanted with what was found drawn on it.
    public var draws = false

    public init(_ version: ServedVersion, source: String, deadline: UInt64) {
      (self.version, self.source, self.deadline) = (version, source, deadline)
    }
  }

  /// What was seen.
  public struct Seen: Sendable {
    public let size: Size
    public let isPicture: Bool
    /// In order of time.
    public let frames: [(stamp: FrameStamp, predictions: [Prediction])]
    /// JPEG, where it was asked for.
    public let drawing: [UInt8]?
    /// Nanoseconds of decoding and scaling.
    public let prepared: UInt64
  }

  /// Frames of one clip.
  public static let maxFrames = 300
  private static let inFlight = 4

  private struct State {
    var frames: [Int: (stamp: FrameStamp, predictions: [Prediction])] = [:]
    var asks: [Int: Ask] = [:]
    var isAtEnd = false
    var isDecoding = true
    var isOver = false
    var failure: NoAnswer?
  }

  private let order: Order
  private let picture: ServedVersion.Picture
  private let crew: Crew
  private let bytes: LentBytes
  /// Let go of once it was called: what it holds may hold this.
  private var done: (@Sendable (Result<Seen, NoAnswer>) -> Void)?
  private let state = Monitor(State())
  private var file: MemoryFile?
  private var reader: MediaReader?
  private var shown: Frame?
  private var taken = 0
  private var prepared: UInt64 = 0

  /// `done` is called once, on whatever thread.
  ///
  /// - Throws: `unsupported` where the model has no manifest, `exhausted` where too much waits to be decoded.
  public init(
    at bytes: LentBytes, _ order: Order, crew: Crew, done: @escaping @Sendable (Result<Seen, NoAnswer>) -> Void
  ) throws(Fault) {
    guard let picture = order.version.picture else {
      throw Fault(
        .unsupported,
        "the model '\(order.version.model)' has no manifest, so nobody knows how it looks at pictures: put a model.yaml beside its network, or send tensors to /v2/models/\(order.version.model)/infer"
      )
    }
    (self.order, self.picture, self.crew, self.bytes, self.done) = (order, picture, crew, bytes, done)
    guard crew.take({ self.begin() }) else {
      throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
    }
  }

  /// Nobody wants the answer any more.
  public func cancel() { end(.cancelled) }

  private func begin() {
    do throws(Fault) {
      let file = try MemoryFile(bytes)
      self.file = file
      reader = try MediaReader(file.path, sampling: .every(seconds: order.every))
    } catch {
      return end(.failed(Fault(.badInput, error.message, cause: error.cause)))
    }
    step()
  }

  /// Decodes and asks until enough is in flight; one thread at a time.
  private func step() {
    do throws(Fault) {
      while hasRoom() {
        let began = Clock.now
        guard began < order.deadline else { return end(.late) }
        guard let frame = try reader?.next() else {
          state.update { $0.isAtEnd = true }
          return finish()
        }
        guard taken < Self.maxFrames else {
          throw Fault(
            .exhausted, "more than \(Self.maxFrames) frames: send a shorter clip, or look at fewer with ?every=SECONDS")
        }
        try ask(frame, began)
      }
    } catch {
      end(.failed(error))
    }
  }

  /// Where there is none, the next answer goes on with decoding.
  private func hasRoom() -> Bool {
    state.update { state in
      guard !state.isOver, state.asks.count >= Self.inFlight else { return !state.isOver }
      state.isDecoding = false
      return false
    }
  }

  private func ask(_ frame: Frame, _ began: UInt64) throws(Fault) {
    let recipe = picture.recipe.input
    let placement = Placement(picture: frame.size, network: picture.input, recipe: recipe)
    let pixels = PixelOrder(rawValue: recipe.color.rawValue)!
    let input = try LentBytes(count: picture.input.area * pixels.channels) { (bytes) throws(Fault) in
      try frame.render(
        into: &bytes, size: picture.input, source: placement.source, target: placement.target, order: pixels,
        pad: recipe.pad)
    }
    if order.draws, shown == nil { shown = frame }
    prepared += Clock.now - began
    let number = taken
    taken += 1
    let stamp = FrameStamp(file: "", index: frame.index, pts: frame.pts, time: frame.time)
    let ask = Ask([input], rows: 1, source: order.source, deadline: order.deadline) { [self] outcome, _ in
      answered(number, stamp, placement, outcome)
    }
    state.update { $0.asks[number] = ask }
    do throws(ServedVersion.Refusal) {
      try order.version.submit(ask)
    } catch {
      state.update { $0.asks[number] = nil }
      end(.refused(error))
    }
  }

  private func answered(_ number: Int, _ stamp: FrameStamp, _ placement: Placement, _ outcome: Ask.Outcome) {
    switch outcome {
    case .answered(let answer):
      let predictions = picture.head.decode(answer, at: placement)
      let goesOn = state.update { state in
        state.frames[number] = (stamp, predictions)
        state.asks[number] = nil
        guard !state.isAtEnd, !state.isDecoding else { return false }
        state.isDecoding = true
        return true
      }
      if goesOn { crew.goOn { self.step() } } else { finish() }
    case .late: end(.late)
    case .cancelled: end(.cancelled)
    case .failed(let fault): end(.failed(fault))
    }
  }

  /// Once the last frame was decoded and answered.
  private func finish() {
    let frames = state.update { state -> [(stamp: FrameStamp, predictions: [Prediction])]? in
      guard state.isAtEnd, state.asks.isEmpty, !state.isOver else { return nil }
      state.isOver = true
      return state.frames.sorted { $0.key < $1.key }.map(\.value)
    }
    guard let frames, let info = reader?.info else { return }
    guard let shown, let first = frames.first else { return hand(frames, info, drawing: nil) }
    crew.goOn { [self] in
      do throws(Fault) {
        var pixels = try shown.rgb()
        Drawing.draw(
          first.predictions, on: &pixels, size: shown.size, palette: Palette(labels: picture.recipe.labels))
        hand(frames, info, drawing: try JPEG.encode(rgb: pixels, size: shown.size))
      } catch {
        tell(.failure(.failed(error)))
      }
    }
  }

  private func hand(
    _ frames: [(stamp: FrameStamp, predictions: [Prediction])], _ info: MediaInfo, drawing: [UInt8]?
  ) {
    tell(
      .success(
        Seen(
          size: info.size, isPicture: info.isPicture, frames: frames, drawing: drawing,
          prepared: prepared)))
  }

  private func tell(_ result: Result<Seen, NoAnswer>) {
    let done = done
    self.done = nil
    done?(result)
  }

  private func end(_ why: NoAnswer) {
    let asks = state.update { state -> [Ask]? in
      guard !state.isOver else { return nil }
      state.isOver = true
      return Array(state.asks.values)
    }
    guard let asks else { return }
    for ask in asks { order.version.cancel(ask) }
    tell(.failure(why))
  }
}

/// Why a request has no answer.
public enum NoAnswer: Error, Sendable {
  case refused(ServedVersion.Refusal)
  /// Its deadline passed first.
  case late
  case cancelled
  case failed(Fault)
}
