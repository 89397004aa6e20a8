public import Base
public import Predictions

/// How a picture becomes the network's input, and how the network's outputs become predictions.
///
/// A recipe says only what the network file cannot say for itself; shapes and types are read from the file.
public struct Recipe: Sendable, Hashable {
  public var task: ModelTask
  public var input: InputRecipe
  public var output: OutputRecipe
  public var labels: [String]
  /// What else the network answers, each read by itself from the same outputs; empty for most.
  public var more: [Part] = []
  /// It was read from shapes and the file's words, and nobody vouches for it: an answer that contradicts it withdraws it.
  public var isGuess = false

  public init(task: ModelTask, input: InputRecipe = .init(), output: OutputRecipe, labels: [String] = []) {
    (self.task, self.input, self.output, self.labels) = (task, input, output, labels)
  }
}

extension Recipe {
  /// A further answer of one network.
  public struct Part: Sendable, Hashable {
    public var output: OutputRecipe
    public var labels: [String]

    public init(output: OutputRecipe, labels: [String] = []) { (self.output, self.labels) = (output, labels) }
  }

  /// Every label that an answer may have, each once; empty where some answers have none that is known.
  public var allLabels: [String] {
    let lists = [labels] + more.map(\.labels)
    guard !lists.contains([]) else { return [] }
    var seen: Set<String> = []
    return lists.flatMap { $0 }.filter { seen.insert($0).inserted }
  }
}

/// From picture to input tensor.
public struct InputRecipe: Sendable, Hashable {
  public enum Color: String, Sendable, Hashable, CaseIterable {
    case rgb, bgr, gray

    /// The same channels the other way round.
    public var reversed: Color {
      switch self {
      case .rgb: .bgr
      case .bgr: .rgb
      case .gray: .gray
      }
    }
  }

  /// How a picture of one shape fits a network of another.
  public enum Resize: String, Sendable, Hashable, CaseIterable {
    /// Each side is scaled by itself.
    case stretch
    /// The aspect is kept, the rest is padded.
    case letterbox
    /// The aspect is kept, what stands out is cut off evenly.
    case crop
  }

  /// Where a letterboxed picture stands.
  public enum Anchor: String, Sendable, Hashable, CaseIterable {
    case center
    case topLeft = "top-left"
  }

  /// Order of the dimensions of the network's own input; the batch tensor is always NHWC bytes.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    case nchw, nhwc
    /// Of a window: `t` stands for its frames.
    case nthwc, ntchw, ncthw

    /// Those of a single picture, and those of a window.
    public static let ofPicture: [Layout] = [.nchw, .nhwc]
    public static let ofWindow: [Layout] = [.nthwc, .ntchw, .ncthw]
  }

  public var color = Color.rgb
  public var resize = Resize.stretch
  public var interpolation = Interpolation.halving
  public var anchor = Anchor.center
  /// The share of each side that is kept, from the middle; not with a letterbox.
  ///
  /// 0.875 is what a network is shown whose pictures had a short side of 256 of which 224 were cut out.
  public var crop = 1.0
  /// Value of the padding, 0 to 255, in every channel.
  public var pad: UInt8 = 114
  /// Subtracted from, then divides, each channel's 0 to 255, in the order of `color`; empty means 0 and 1.
  public var mean: [Float] = []
  public var scale: [Float] = []
  /// Width and height for a network that leaves them open; `nil` keeps what the file says.
  public var width: Int?
  public var height: Int?
  /// `nil` is read from the shape: the dimension that is 1 or 3 is the channel.
  public var layout: Layout?
  /// For a network that is shown many frames of a film at once; `nil` for one that is shown a picture.
  public var window: FrameWindow?

  public init() {}
}

/// From output tensors to predictions.
public struct OutputRecipe: Sendable, Hashable {
  /// The arithmetic of one family of networks; each case is one file of this room, and a line in `DecoderTable.swift`.
  public enum Decoder: String, Sendable, Hashable, CaseIterable {
    /// Scores of classes, one row.
    case classes
    /// YOLOX: offsets from grid cells, objectness, class scores.
    case yolox
    /// YOLOv5 manner: rows of centre, size, objectness, class scores, in input pixels.
    case yolov5
    /// YOLOv8 and 11 manner: columns of centre, size, class scores, in input pixels.
    case yolov8
    /// Class scores and corner boxes in fractions, already decoded from priors.
    case boxes
    /// Class scores and offsets from priors.
    case ssd
    /// YuNet faces: one set of outputs a stride.
    case yunet
    /// RetinaFace: offsets from priors, scores and five points.
    case retinaface
    /// SCRFD faces: scores, distances and points a stride.
    case scrfd
    /// MediaPipe's faces, palms and people: offsets from anchors, and logits.
    case mediapipe
    /// NanoDet and PicoDet: class scores and distributions of distances.
    case nanodet
    /// FastestDet: one map with objectness, box and class scores.
    case fastestdet
    /// Detection transformers: centre and size in fractions, and class scores, a query.
    case detr
    /// YOLO boxes with mask coefficients, and the prototypes that they weigh.
    case yoloSegment = "yolo-segment"
    /// YOLO boxes with an angle.
    case yoloOBB = "yolo-obb"
    /// Finished detections, NMS inside the network: rows of all numbers, or an output each for boxes, classes, scores.
    case finished
    /// Lines of text in a map of probabilities (differentiable binarization): boxes that may be turned.
    case textLines = "text-lines"
    /// A class for each pixel, or a score for each class and pixel.
    case mask
    /// A map of attention.
    case heatmap
    /// The point of attention, in input pixels: x, y.
    case point
    /// Keypoints as y, x, score in fractions (MoveNet).
    case keypoints
    /// YOLO boxes with the points of a pose each.
    case yoloPose = "yolo-pose"
    /// A map for each point of one pose (HRNet, ViTPose).
    case poseHeatmap = "pose-heatmap"
    /// A map for each point of one pose, and how far the point is from the cell (PoseNet).
    case posenet
    /// Scores of columns and of rows for each point of one pose (RTMPose).
    case simcc
    /// One number.
    case number
    /// How likely a shot ends, for each frame of a window (TransNetV2).
    case boundary
    /// A vector.
    case vector
    /// Characters over time (connectionist temporal classification).
    case ctc
    /// The tensors as they are.
    case raw
    /// A map of numbers: depth, shares of the foreground.
    case picture
    /// How far a picture is from good ones, and a map of it (anomalib).
    case anomaly
  }

  /// Turns what the network gives into scores.
  public enum Activation: String, Sendable, Hashable, CaseIterable { case none, softmax, sigmoid }

  /// In what boxes and points are told.
  public enum Coordinates: String, Sendable, Hashable, CaseIterable {
    /// Of the network's input.
    case pixels
    case fractions
  }

  /// How an output lies in memory: boxes one after the other or their numbers, maps one after the other or their cells.
  public enum Layout: String, Sendable, Hashable, CaseIterable { case rows, columns, nchw, nhwc }

  /// Where in its cell a box is measured from (`nanodet`).
  public enum Origin: String, Sendable, Hashable, CaseIterable { case middle, corner }

  /// Where the first and the last cell of a map stand over the input (`pose-heatmap`).
  public enum Align: String, Sendable, Hashable, CaseIterable {
    /// Cell `i` of `w` at `i · W / w`.
    case cells
    /// The first at the first pixel, the last at the last, as unbiased data processing (UDP) has it.
    case corners
  }

  /// What one number of a row means.
  public enum Column: String, Sendable, Hashable, CaseIterable {
    case left, top, right, bottom
    /// The middle of the box.
    case x, y
    case width, height
    case score, label = "class"
    /// The picture's number in a batch.
    case picture
    /// Not read.
    case skip
  }

  public var decoder: Decoder
  /// `nil`: the values are probabilities already, and are held to that.
  public var activation: Activation?
  /// How many classes a classification names.
  public var top = 5
  /// Detections and classes below it are dropped.
  public var threshold: Float = 0
  /// Overlap above which the weaker of two boxes of one class is dropped.
  public var iou: Float = 0.45
  /// Input pixels between neighbouring cells, one a level; a level has `side / stride` cells, rounded up.
  public var strides: [Int] = []
  /// Of the output of scores, over what the file says: a whole number `q` stands for `(q - zero) * unit`.
  public var unit: Float?
  public var zero: Float?
  /// `nil` is the family's own: see each decoder.
  public var coordinates: Coordinates?
  /// `nil` is the family's own, or what the shape tells.
  public var layout: Layout?
  /// The order of the numbers of a row (`finished`), or of the four of a box (`boxes`, `finished`); empty is the family's own.
  public var columns: [Column] = []
  /// Output names, where the order in the file does not tell which is which.
  public var scores: String?
  public var boxes: String?
  /// The class that means "nothing", left out of the answer.
  public var background: Int?
  /// Side lengths of priors, in input pixels, one list a stride (`ssd`, `retinaface`).
  public var sizes: [[Float]] = []
  /// Width to height of priors (`ssd`).
  public var ratios: [Float] = []
  /// What the offsets of position and size are multiplied by (`ssd`, `retinaface`).
  public var variance: [Float] = [0.1, 0.2]
  /// Priors are cut to the input's sides (`ssd`); `nil` is yes.
  public var clip: Bool?
  /// Names of the points that a box or a pose has, in their order; empty is the family's own, else COCO's seventeen.
  public var points: [String] = []
  /// The class number of the first label (`finished`); `nil` is 0, and 1 for TensorFlow's Object Detection API.
  public var first: Int?
  /// `nil` is what the shape tells (`nanodet`).
  public var origin: Origin?
  /// `nil` is `cells`.
  public var align: Align?
  /// How much a line's rims are of its area, by which its box grows (`text-lines`); `nil` is 1.5.
  public var unclip: Float?
  /// The output that tells how likely a frame is one of a transition (`boundary`); `nil` is that none does.
  public var many: String?
  /// The output that tells where the picture differs (`anomaly`); `nil` is the one that is called so, or the only one that can be it.
  public var map: String?
  /// Least and greatest of the network's numbers, which become 0 and 1 about ``cut`` (`anomaly`); empty: they are 0 to 1 already.
  public var range: [Float] = []
  /// The network's number from which on a picture is an anomaly, which becomes .5 (`anomaly`).
  public var cut: Float?
  /// The same for a place in the map; `nil` is ``cut``.
  public var mapCut: Float?
  /// A file beside the network that says range and cuts (`anomaly`); empty once it was read.
  public var metadata: String?

  public init(decoder: Decoder) { self.decoder = decoder }
}
