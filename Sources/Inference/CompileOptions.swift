public import Base

/// What a compiled network shall be good for.
public struct CompileOptions: Sendable, Hashable {
  public var device = "CPU"
  /// Who is to run it.
  public var engine = EngineChoice.auto
  public var precision = Precision.f32
  /// Inferences at the same time; `nil` is one a core.
  public var streams: Int?
  /// Threads in all; `nil` uses every core.
  public var threads: Int?
  /// Inputs in one batch, at most.
  public var batch = 1
  /// How long sides behind the first may be that the file leaves open, as those of a text are; `nil` refuses such networks.
  public var openSides: ClosedRange<Int>?
  /// The network's one input is a picture and is converted from bytes inside the compiled graph.
  public var picture: PictureInput?
  /// Another runtime runs it as the file says, without its optimisations.
  var isPlain = false

  public init() {}

  /// The number of NVIDIA's device; `nil` for others.
  var cuda: Int? { if case .cuda(let number) = Device(device) { number } else { nil } }

  /// What it becomes may be cached: OpenVINO's networks are.
  var mayBeCached: Bool { engine == .auto || engine == .openvino }

  /// A stream a core keeps small networks busiest; more than eight copies cost more memory than they give.
  public static func usualStreams(cores: Int) -> Int { min(8, cores) }
}

/// How bytes of a picture become a network's input; done inside the compiled graph.
public struct PictureInput: Sendable, Hashable {
  public var width: Int
  public var height: Int
  /// 1 or 3.
  public var channels: Int
  /// The network wants its channels before rows and columns.
  public var channelsFirst: Bool
  /// Subtracted from each channel, then each is divided by `scale`; empty leaves the values alone.
  public var mean: [Float]
  public var scale: [Float]
  /// Many frames at once; `nil` for a network that takes one picture.
  public var window: Window?
  /// Which of the network's inputs takes it.
  public var place = 0
  /// For each of the network's inputs that always gets the same numbers, those; empty where it has the picture alone.
  public var constants: [Constant?] = []

  /// Frames that a network takes together: their bytes come one frame after the other.
  public struct Window: Sendable, Hashable {
    /// Where the network wants its channels.
    public enum Channels: Sendable, Hashable {
      case last
      /// Before rows and columns of each frame.
      case inFrame
      /// Before the frames.
      case first
    }

    public var frames: Int
    public var channels: Channels

    public init(frames: Int, channels: Channels) { (self.frames, self.channels) = (frames, channels) }
  }

  /// Numbers for one input beside the picture.
  public struct Constant: Sendable, Hashable {
    public var sides: [Int]
    public var values: [Double]

    public init(sides: [Int], values: [Double]) { (self.sides, self.values) = (sides, values) }
  }

  public init(width: Int, height: Int, channels: Int, channelsFirst: Bool, mean: [Float] = [], scale: [Float] = []) {
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.channelsFirst, self.mean, self.scale) = (channelsFirst, mean, scale)
  }

  /// The numbers that an input always gets; `nil` where it gets others.
  func constant(_ input: Int) -> Constant? { constants.indices.contains(input) ? constants[input] : nil }

  /// Bytes of one picture, or of all frames of a window: rows of interleaved channels.
  public var byteCount: Int { width * height * channels * (window?.frames ?? 1) }

  /// The network's sides behind the batch.
  var sides: [Int] {
    switch window?.channels {
    case nil: channelsFirst ? [channels, height, width] : [height, width, channels]
    case .last: [window!.frames, height, width, channels]
    case .inFrame: [window!.frames, channels, height, width]
    case .first: [channels, window!.frames, height, width]
    }
  }

  /// The order of the bytes, and of the network's sides, in the engine's words.
  var byteLayout: String { window == nil ? "NHWC" : "NDHWC" }

  var layout: String {
    switch window?.channels {
    case nil: channelsFirst ? "NCHW" : "NHWC"
    case .last: "NDHWC"
    case .inFrame: "NDCHW"
    case .first: "NCDHW"
    }
  }
}
