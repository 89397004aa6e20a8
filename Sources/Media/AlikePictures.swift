internal import Base
internal import CFFmpeg

/// The pictures that were decoded last, small: tells whether what is shown between two of them can matter to who looks for changes.
///
/// All that it says follows from the film, wherever decoding began: pictures behind an entry lie between the entry and others behind it.
struct AlikePictures {
  private static let size = Size(width: 48, height: 27)
  /// Pixels of ``size`` to a cell's side.
  private static let cell = 3
  /// How far cells may be apart in the mean, of 255: less than half of what a cut changes at least.
  private static let alike = 4
  private static let capacity = 8

  private struct Seen {
    let sequence: Int
    let order: Int
    /// Sums over the pixels of cells, by rows, three colours each.
    let cells: [Int]
  }

  private let isMPEG: Bool
  private var maker: FrameMaker
  private var seen: [Seen] = []
  private var sequence = 0

  /// `nil` where every picture is shown when it is decoded, so that none lies between two that are decoded before it.
  init?(_ source: Source, _ parser: PictureParser) {
    guard [.h264, .hevc, .mpeg].contains(parser.family),
      unsafe source.video.stream.pointee.codecpar.pointee.video_delay > 0
    else { return nil }
    isMPEG = parser.family == .mpeg
    maker = FrameMaker(source.facts, source.facts.look(source.video, first: nil))
  }

  /// Takes the next picture that was decoded; `nil` where the decoder does not show it yet.
  mutating func add(_ coded: CodedPicture, _ picture: Picture?) throws(Fault) {
    if coded.startsSequence { sequence += 1 }
    // MPEG tells no order: what can be left out lies between the two pictures before it that cannot.
    if isMPEG, coded.isDroppable { return }
    guard let picture else { return seen.removeAll() }
    if seen.count == Self.capacity { seen.removeFirst() }
    seen.append(Seen(sequence: sequence, order: coded.order, cells: try cells(of: picture)))
  }

  /// No other picture is made from this one, and those that are known around it are alike.
  func hold(_ coded: CodedPicture) -> Bool {
    guard coded.isDroppable, coded.isShown, let (one, other) = around(coded) else { return false }
    let apart = zip(one.cells, other.cells).reduce(0) { $0 + abs($1.0 - $1.1) }
    return apart < Self.alike * Self.cell * Self.cell * one.cells.count
  }

  private func around(_ coded: CodedPicture) -> (Seen, Seen)? {
    if isMPEG { return seen.count < 2 ? nil : (seen[seen.count - 2], seen[seen.count - 1]) }
    let same = seen.filter { $0.sequence == sequence }
    guard let before = same.filter({ $0.order < coded.order }).max(by: { $0.order < $1.order }),
      let behind = same.filter({ $0.order > coded.order }).min(by: { $0.order < $1.order })
    else { return nil }
    return (before, behind)
  }

  private mutating func cells(of picture: Picture) throws(Fault) -> [Int] {
    let pixels = try maker.frame(picture, FramePlace(index: 0, pts: nil, time: 0)).rgb(size: Self.size)
    let columns = Self.size.width / Self.cell
    var cells = [Int](repeating: 0, count: columns * (Self.size.height / Self.cell) * 3)
    for y in 0..<Self.size.height {
      for x in 0..<Self.size.width {
        let (cell, pixel) = ((y / Self.cell * columns + x / Self.cell) * 3, (y * Self.size.width + x) * 3)
        for color in 0..<3 { cells[cell + color] += Int(pixels[pixel + color]) }
      }
    }
    return cells
  }
}
