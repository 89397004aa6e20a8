import Base
import Exports
import Insights
import Isolation
import Media
import Reports

/// What is written of a film's shots beside its report: lists for other programs, and the clips, pictures and figures that were asked for.
struct ShotFiles {
  private let wishes: ShotOptions
  /// Where the film can be opened.
  private let film: String
  private let file: InputFile
  private let info: MediaInfo
  private let index: PackedFrameIndex?
  private let bar: ProgressBar

  init(
    _ wishes: ShotOptions, of film: String, _ file: InputFile, _ info: MediaInfo, _ index: PackedFrameIndex?,
    _ bar: ProgressBar
  ) {
    (self.wishes, self.film, self.file, self.info) = (wishes, film, file, info)
    (self.index, self.bar) = (index, bar)
  }

  /// Writes them, notes where they are, and answers what went wrong; an interrupt is a note.
  func write(beside report: String, _ header: RunHeader, _ summary: inout FileSummary) -> Fault? {
    defer { bar.clear() }
    // A picture among the files has no shots to cut.
    guard !info.isPicture, let shots = summary.insights?.shots, let figures = summary.insights?.figures else {
      return nil
    }
    do throws(Fault) {
      try writeLists(shots, figures, report, header)
      if wishes.wantsStatistics { try writeStatistics(shots, figures, report) }
      if let count = wishes.images {
        let place = ShotOptions.pictures(report, file.stem)
        try ShotOptions.clear(place)
        let pictures = ShotPictures(film, index, figures, place)
        let made = try pictures.write(shots, count) { (share) throws(Fault) in try step("pictures of shots", share) }
        summary.notes.append("\(made) pictures of shots: \(place.folder)")
      }
      if wishes.wantsClips { try writeClips(shots, figures, report, &summary) }
      return nil
    } catch {
      guard error.kind == .closed, Interrupt.isAsked else { return error.at(file.shown) }
      summary.interrupted = true
      summary.notes.append(error.message)
      return nil
    }
  }

  private func step(_ what: String, _ share: Double) throws(Fault) {
    SharedFlags.beat()
    guard !Interrupt.isAsked else { throw Fault(.closed, "stopped before all \(what) were written") }
    bar.show(share: share, detail: what)
  }

  private func writeLists(
    _ shots: ShotList, _ figures: ShotFigures, _ report: String, _ header: RunHeader
  ) throws(Fault) {
    var asset = ExportedAsset(
      id: "", name: FileSystem.name(of: file.name), isPicture: false, size: info.size, duration: info.duration)
    asset.firstTime = figures.count > 0 ? figures[0].time : 0
    asset.frameRate = index?.timing(info.frameRate).evenRate
    asset.pipeline = header.pipelineDigest
    let export = ShotExport(shots, of: asset)
    try FileSystem.write(try export.bytes(as: .csv), to: "\(report)/shots.csv")
    try FileSystem.write(try export.bytes(as: .otio), to: "\(report)/shots.otio")
  }

  private func writeStatistics(_ shots: ShotList, _ figures: ShotFigures, _ report: String) throws(Fault) {
    let path = "\(report)/statistics.csv"
    let staging = FileSystem.staging(for: path)
    do {
      let sink = try FileSink(staging)
      try ShotStatistics(figures, shots).write { (line) throws(Fault) in try sink.write(line) }
      try sink.finish()
      try FileSystem.move(staging, to: path)
    } catch {
      try? FileSystem.remove(staging)
      throw error
    }
  }

  private func writeClips(
    _ shots: ShotList, _ figures: ShotFigures, _ report: String, _ summary: inout FileSummary
  ) throws(Fault) {
    let place = wishes.clips(report, file.stem)
    try ShotOptions.clear(place)
    let cutter = try ClipCutter(film, index: index)
    guard cutter.frameCount == figures.count else {
      throw Fault(
        .unsupported,
        "no clips are cut of this film: its packets tell \(cutter.frameCount) frames, and \(figures.count) were shown; convert it first, such as with ffmpeg -i FILM -c:v libx264 -c:a aac new.mp4"
      )
    }
    let clips = shots.shots.enumerated().map { number, shot in
      let name = Self.name(place.prefix, number + 1, of: shots.shots.count)
      return ClipCutter.Clip(
        frames: shot.startFrame...shot.endFrame, path: "\(place.folder)/\(name).\(cutter.ending)")
    }
    let (wanted, free) = (cutter.byteCount(of: clips), try FileSystem.freeByteCount(in: place.folder))
    guard wanted < free else {
      throw Fault(
        .exhausted,
        "the clips take about \(NumberFormat.measure(Double(wanted) / 1e6)) MB, and \(place.folder) has room for \(NumberFormat.measure(Double(free) / 1e6)) MB"
      )
    }
    try cutter.cut(clips) { (share) throws(Fault) in try step("clips of shots", share) }
    summary.notes.append("\(clips.count) clips of shots: \(place.folder)")
    if !cutter.leftOut.isEmpty {
      summary.notes.append(
        "clips lack sound that \(cutter.ending.uppercased()) has no place for: \(cutter.leftOut.joined(separator: ", "))"
      )
    }
    if wanted > 2 * info.byteCount {
      let times = NumberFormat.measure(Double(wanted) / Double(max(1, info.byteCount)))
      summary.notes.append(
        "the clips take \(times) times the film's bytes, as its key frames lie far apart: each begins at the one before its first frame"
      )
    }
  }

  /// `film-shot-001`, with as many digits as the last one needs.
  static func name(_ prefix: String, _ number: Int, of count: Int) -> String {
    let (digits, width) = (String(number), max(3, String(count).count))
    return "\(prefix)-shot-" + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
