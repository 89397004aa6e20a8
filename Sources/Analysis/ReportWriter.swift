public import Base
internal import Insights
public import Media
public import Predictions
internal import Rendering
public import Reports

/// The files that one analysis leaves behind: predictions as JSON Lines and CSV, summary, page, the index of a video's
/// frames, and a drawing if asked.
///
/// Predictions are written as they come, and are on disk a second later, so an interrupted run leaves what it found. `summary.json` comes last: where it
/// stands, everything else is whole.
public final class ReportWriter {
  /// By it any frame that a prediction is about is found again: see ``FrameAccess``.
  public static let indexName = "frames.index"
  /// What happened in zones, over lines and by rules.
  public static let eventsName = "events.jsonl"
  /// What was concluded about the film as a whole.
  public static let insightsName = "insights.json"

  public let path: String
  public private(set) var collector = Collector()
  private let header: RunHeader
  private let lines: FileSink
  private let table: FileSink
  /// Where the pipeline has zones, lines or rules.
  private let events: FileSink?
  private let file: String
  private var writer = JSONWriter()
  private var row: [UInt8] = []
  private let video: VideoWriter?
  private let timeBase: Ratio
  /// The drawn video begins at 0.
  private var firstTick: Int?
  private let drawsPicture: Bool
  private var sinceFlush = Stopwatch()
  /// Where frames are found again whose pictures are shown; `nil` where they come with their predictions.
  private let pictures: ((FrameStamp) throws(Fault) -> Frame)?
  /// What is drawn on pictures that are still to be made, by frame.
  private var undrawn: [Int: [Prediction]] = [:]

  /// Makes the folder and opens its files, before any work is done.
  ///
  /// With `drawing`, what was found is drawn on every analysed frame too: a video, or for a picture a JPEG. With `pictures`, frames
  /// are added without their pictures, and those few that the page shows are asked for in the end. `watched` is the name of a file in which
  /// something may happen.
  public init(
    _ path: String, header: RunHeader, drawing info: MediaInfo? = nil, watched file: String? = nil,
    pictures: ((FrameStamp) throws(Fault) -> Frame)? = nil
  ) throws(Fault) {
    (self.path, self.header, self.pictures, self.file) = (path, header, pictures, file ?? "")
    try FileSystem.makeFolder(path)
    // An older run's must not vouch for this one.
    for name in [
      "summary.json", "report.html", "annotated.mp4", "annotated.jpg", Self.indexName, Self.eventsName,
      Self.insightsName, "shots.csv", "shots.otio", "statistics.csv",
    ] {
      try FileSystem.remove("\(path)/\(name)")
    }
    lines = try FileSink("\(path)/predictions.jsonl")
    table = try FileSink("\(path)/predictions.csv")
    try table.write(PredictionCSV.header(tellsTracks: header.tellsTracks))
    events = try file.map { (_) throws(Fault) in try FileSink("\(path)/\(Self.eventsName)") }
    drawsPicture = info?.isPicture ?? false
    timeBase = info?.timeBase ?? Ratio(0, 0)
    video = try info.flatMap { (info) throws(Fault) in
      guard !info.isPicture else { return nil }
      return try VideoWriter(
        "\(path)/annotated.mp4", size: info.size, timeBase: info.timeBase, frameRate: info.frameRate)
    }
  }

  /// Takes one analysed frame; call it in order.
  public func add(_ frame: Frame, _ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    try write(stamp, predictions)
    try draw(frame, stamp, predictions)
  }

  /// Takes one analysed frame whose picture is asked for where it is shown; call it in order.
  public func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    try write(stamp, predictions)
    guard collector.wantsPicture(stamp, predictions) else { return }
    collector.add(picture: [], size: Size(width: 1, height: 1), stamp, predictions)
    undrawn[stamp.index] = predictions
    let shown = Set(collector.gallery.pictures.map(\.stamp.index))
    undrawn = undrawn.filter { shown.contains($0.key) }
  }

  /// Takes what happened: crossings, and visits and events once they are over.
  public func add(_ happenings: [Happening]) throws(Fault) {
    for happening in happenings where happening.isOver {
      writer.drain()
      HappeningJSON.write(happening, file: file, into: &writer)
      try events?.write(writer.bytes)
    }
  }

  private func write(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    collector.add(stamp, predictions)
    for prediction in predictions {
      writer.drain()
      let model = header.model(of: prediction)
      PredictionJSON.write(prediction, stamp, model: model, into: &writer)
      try lines.write(writer.bytes)
      row.removeAll(keepingCapacity: true)
      PredictionCSV.write(prediction, stamp, model: model, tellsTracks: header.tellsTracks, into: &row)
      try table.write(row)
    }
    if sinceFlush.seconds > 1 { try flush() }
  }

  private func flush() throws(Fault) {
    try lines.flush()
    try table.flush()
    try events?.flush()
    sinceFlush = Stopwatch()
  }

  private func draw(_ frame: Frame, _ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    if let video {
      let tick = frame.pts ?? Int((frame.time / timeBase.value).rounded())
      let first = firstTick ?? tick
      firstTick = first
      try video.append(rgb: try drawn(predictions, on: frame, within: video.size), pts: tick - first)
    }
    if drawsPicture {
      let picture = try drawn(predictions, on: frame, size: frame.size)
      try FileSystem.write(try JPEG.encode(rgb: picture, size: frame.size), to: "\(path)/annotated.jpg")
    }
    guard collector.wantsPicture(stamp, predictions) else { return }
    let (jpeg, size) = try thumbnail(predictions, on: frame)
    collector.add(picture: jpeg, size: size, stamp, predictions)
  }

  private func thumbnail(_ predictions: [Prediction], on frame: Frame) throws(Fault) -> ([UInt8], Size) {
    let size = Self.thumbnail(of: frame.size)
    return (try JPEG.encode(rgb: try drawn(predictions, on: frame, size: size), size: size), size)
  }

  /// Scaled first and drawn on afterwards, so that lines and words stay crisp.
  private func drawn(_ predictions: [Prediction], on frame: Frame, size: Size) throws(Fault) -> [UInt8] {
    var picture = try frame.rgb(size: size)
    Drawing.draw(predictions, on: &picture, size: size, palette: Palette(labels: header.labels))
    return picture
  }

  /// Where the size changes in mid-stream, pictures stand in the middle of the video's.
  private func drawn(_ predictions: [Prediction], on frame: Frame, within size: Size) throws(Fault) -> [UInt8] {
    let scale = min(
      Double(size.width) / Double(frame.size.width), Double(size.height) / Double(frame.size.height))
    let part = Size(
      width: min(size.width, max(1, Int((Double(frame.size.width) * scale).rounded()))),
      height: min(size.height, max(1, Int((Double(frame.size.height) * scale).rounded()))))
    let picture = try drawn(predictions, on: frame, size: part)
    guard part != size else { return picture }
    var whole = [UInt8](repeating: 0, count: size.area * 3)
    let (left, top) = ((size.width - part.width) / 2, (size.height - part.height) / 2)
    for row in 0..<part.height {
      let start = ((top + row) * size.width + left) * 3
      whole.replaceSubrange(
        start..<start + part.width * 3, with: picture[row * part.width * 3..<(row + 1) * part.width * 3])
    }
    return whole
  }

  /// Enough for a dense screen, and for a look at it alone; never larger than the picture.
  private static func thumbnail(of size: Size) -> Size {
    let width = min(640, size.width)
    return Size(width: width, height: max(1, size.height * width / size.width))
  }

  /// Writes the index of frames, where there is one, the page and the summary, and closes everything.
  public func finish(_ summary: FileSummary, index: PackedFrameIndex? = nil) throws(Fault) -> FileSummary {
    var summary = summary
    summary.fill(from: collector)
    if let pictures {
      try collector.fillPictures { (stamp) throws(Fault) in
        try thumbnail(undrawn[stamp.index] ?? [], on: try pictures(stamp))
      }
    }
    try lines.finish()
    try table.finish()
    try events?.finish()
    try video?.finish()
    try index?.write(to: "\(path)/\(Self.indexName)")
    if let insights = summary.insights { try FileSystem.write(insights.json, to: "\(path)/\(Self.insightsName)") }
    try FileSystem.write(HTMLReport.page(header, summary, collector), to: "\(path)/report.html")
    try FileSystem.write(SummaryJSON.write(summary, header), to: "\(path)/summary.json")
    return summary
  }
}
