import Base
import Evaluation
import Isolation
import Media
import Predictions
import Rendering

/// What differs, cut out of its pictures.
struct TrialPictures {
  /// One of them, as a JPEG.
  struct Picture {
    let plain: [UInt8]
    /// With both boxes.
    let drawn: [UInt8]
    /// Which part of the whole picture is shown, in fractions of it.
    let region: Rect
    /// Of the whole picture.
    let size: Size
  }

  /// Pixels of the longest side.
  private static let side = 360.0
  /// How much is shown around what differs, as a share of it on each side.
  private static let margin = 0.5
  /// No less than this share of the picture is shown.
  private static let least = 0.15

  private let files: [String: TrialPlan.File]

  /// Of these files alone.
  init(_ files: [TrialPlan.File]) {
    self.files = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// One for each difference; `nil` where the picture cannot be had any more, or is of another file.
  func pictures(of differences: some Collection<TrialDifference>) -> [Picture?] {
    let differences = Array(differences)
    var pictures = [Picture?](repeating: nil, count: differences.count)
    // File by file and from front to back, as they are decoded.
    let order = differences.indices.sorted {
      (differences[$0].file, differences[$0].frame) < (differences[$1].file, differences[$1].frame)
    }
    var opened: (name: String, access: FrameAccess?)?
    var last: (frame: Int, picture: Frame)?
    for place in order {
      SharedFlags.beat()
      let difference = differences[place]
      if opened?.name != difference.file {
        let path = files[difference.file]?.path
        (opened, last) = ((difference.file, path.flatMap { try? FrameAccess($0) }), nil)
      }
      guard !Interrupt.isAsked, let path = files[difference.file]?.path else { continue }
      if last?.frame != difference.frame {
        let found = (try? opened?.access?.frame(at: difference.frame)) ?? Self.still(path, difference.frame)
        last = found.map { (difference.frame, $0) }
      }
      if let frame = last?.picture { pictures[place] = try? Self.draw(difference, frame) }
    }
    return pictures
  }

  private static func still(_ path: String, _ frame: Int) -> Frame? {
    frame == 0 ? try? MediaReader(path).next() : nil
  }

  private static func draw(_ difference: TrialDifference, _ frame: Frame) throws(Fault) -> Picture {
    let shown = region(around: difference.region)
    let (width, height) = (shown.width * Double(frame.size.width), shown.height * Double(frame.size.height))
    let scale = min(3, side / max(width, height, 1))
    let size = Size(width: max(16, Int(width * scale)), height: max(16, Int(height * scale)))
    let pixels = Rect(
      x: shown.x * Double(frame.size.width), y: shown.y * Double(frame.size.height), width: width, height: height)
    var bytes = [UInt8](repeating: 0, count: size.area * 3)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try frame.render(into: &raw, size: size, source: pixels, target: size.rect, order: .rgb, pad: 0)
    let plain = try JPEG.encode(rgb: bytes, size: size)
    let sides = [("older", difference.older), ("newer", difference.newer)]
    let drawn = sides.compactMap { name, side -> Prediction? in
      guard let side, let box = side.box else { return nil }
      let place = Rect(
        x: (box.x - shown.x) / shown.width, y: (box.y - shown.y) / shown.height, width: box.width / shown.width,
        height: box.height / shown.height)
      return Prediction(kind: .detection, label: "\(name): \(side.label ?? "")", score: side.score, box: place)
    }
    let labels = sides.map { "\($0.0): \($0.1?.label ?? "")" }
    Drawing.draw(drawn, on: &bytes, size: size, palette: Palette(labels: labels))
    return Picture(
      plain: plain, drawn: try JPEG.encode(rgb: bytes, size: size), region: shown, size: frame.size)
  }

  /// What differs, with some of what is around it, inside of the picture.
  private static func region(around box: Rect) -> Rect {
    let (width, height) = (max(least, box.width * (1 + 2 * margin)), max(least, box.height * (1 + 2 * margin)))
    let (x, y) = (box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2)
    let part = Rect(x: x, y: y, width: width, height: height).clipped(to: .unit)
    return part.area > 0 ? part : .unit
  }
}
