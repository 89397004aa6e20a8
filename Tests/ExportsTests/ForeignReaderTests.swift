import Base
import Exports
import Foundation
import Predictions
import TestKit
import Testing

/// Exports in the programs that they are for.
///
/// `open_exports.py` knows of the analysis what its JSON Lines say, and works out by itself what each format must hold.
struct ForeignReaderTests {
  static let python = Checkout.path + "/.deps/exports/bin/python"
  static let isThere = FileManager.default.fileExists(atPath: python)
  static let hasBrowser = ["chromium", "chromedriver"].allSatisfy { shell(["which", $0]).status == 0 }

  private func written(_ format: ExportFormat, _ film: SeededFilm, _ folder: TemporaryFolder) throws -> String {
    let path = folder.file("export.\(format.fileEnding)")
    try Data(try exported(format, film.asset, film.rows)).write(to: URL(filePath: path))
    return path
  }

  private func open(_ format: ExportFormat, _ film: SeededFilm, with python: String, _ script: String) throws {
    let folder = TemporaryFolder()
    let (path, truth) = (try written(format, film, folder), try written(.jsonl, film, folder))
    let rate = film.asset.frameRate ?? Ratio(0, 1)
    let result = shell([
      python, "-B", Checkout.path + "/Tests/" + script, format.rawValue, path, truth, String(rate.numerator),
      String(rate.denominator), String(film.asset.duration ?? 0),
    ])
    #expect(result.status == 0, "\(result.output.suffix(3000))\(result.errors.suffix(3000))")
    #expect(result.output.contains("as expected"), "\(result.output.suffix(1000))")
  }

  @Test(
    "pycocotools, pandas, opentimelineio and pycmx read what was written, and nothing else",
    .enabled(if: isThere, "the readers are not here: ./bootstrap fetches them"),
    arguments: [ExportFormat.coco, .csv, .jsonl, .edl, .otio], [Ratio(30000, 1001), Ratio(25, 1)])
  func read(_ format: ExportFormat, rate: Ratio) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let film = SeededFilm(seed, rate: rate, isLong: format != .edl)
      try open(format, film, with: Self.python, "ExportsTests/open_exports.py")
    }
  }

  @Test(
    "Chromium shows the cues that were written, and nothing else",
    .enabled(
      if: hasBrowser, "no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)"))
  func cues() throws {
    let film = SeededFilm(4, rate: Ratio(30000, 1001), isLong: true)
    // A pipeline tells either of sightings or of tracks that ended.
    for ended in [false, true] {
      var part = film
      part.rows = film.rows.filter { ($0.prediction.span != nil) == ended }
      try open(.webvtt, part, with: "/usr/bin/python3", "Browser/cues.py")
    }
  }
}
