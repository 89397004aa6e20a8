import Base
import CFFmpeg
import Foundation
import TestKit
import Testing

@testable import Media

/// What is read, and what is refused by its name.
struct FormatTests {
  private let folder = TemporaryFolder()

  private func refusal(_ path: String) throws -> Fault {
    try #require(throws: Fault.self) { _ = try MediaReader(path) }
  }

  private func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: folder.file(name)))
    return folder.file(name)
  }

  private func film(_ arguments: [String], _ name: String) throws -> String {
    try Picturing.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=1"] + arguments, to: name, in: folder)
  }

  @Test func `docs/formats.md is the table of what is read`() throws {
    let page = try String(contentsOfFile: Checkout.path + "/docs/formats.md", encoding: .utf8)
    let tables = [
      ("Films", Formats.films), ("Pictures", Formats.pictures), ("Codecs", Formats.codecs), ("Sound", Formats.sounds),
      ("Files of sound", Formats.soundFiles),
    ]
    for (heading, kinds) in tables {
      let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
      let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map(String.init)
      #expect(rows == kinds.map { "| \($0.name) | `\($0.reader)` |" })
    }
  }

  @Test func `the linked libraries have all of it`() {
    for kind in Formats.films + Formats.pictures + Formats.soundFiles {
      #expect(unsafe av_find_input_format(kind.reader) != nil, "no demuxer for \(kind.name)")
    }
    for kind in Formats.codecs + Formats.sounds {
      let known = unsafe avcodec_descriptor_get_by_name(kind.reader)
      #expect(unsafe known.flatMap { unsafe avcodec_find_decoder($0.pointee.id) } != nil, "no decoder for \(kind.name)")
    }
  }

  @Test func `a DASH manifest is a list, whether the libraries read XML or not`() throws {
    let text = "<?xml version='1.0'?>\n<MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'><Period/></MPD>"
    #expect(try refusal(write(Array(text.utf8), "a.mpd")).message.hasPrefix("this is a list"))
  }

  @Test func `SVG is refused by its name, and nothing of it is looked at`() throws {
    let text =
      "<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg' width='64' height='48'><rect width='9'/></svg>"
    let fault = try refusal(write(Array(text.utf8), "a.svg"))
    #expect(fault.kind == .unsupported && fault.message.hasPrefix("SVG pictures are not supported"), "\(fault.message)")
  }

  @Test(arguments: [
    ("exr", ["-pix_fmt", "gbrpf32le"], "OpenEXR pictures"), ("fits", ["-pix_fmt", "gray"], "FITS"),
    ("jp2", ["-c:v", "jpeg2000"], "JPEG 2000 pictures"), ("dpx", [], "DPX pictures"), ("sgi", [], "SGI pictures"),
    ("pgm", [], "PNM (PGM) pictures"), ("sunras", [], "Sun raster pictures"), ("swf", ["-c:v", "flv1"], "SWF"),
    ("rm", ["-c:v", "rv20"], "RealMedia"),
  ])
  func `other formats are refused by their names`(_ kind: String, _ arguments: [String], _ name: String) throws {
    let isFilm = ["swf", "rm"].contains(kind)
    let fault = try refusal(film(arguments + (isFilm ? [] : ["-frames:v", "1"]), "a." + kind))
    #expect(fault.kind == .unsupported && fault.message.contains(name), "\(fault.message)")
    #expect(fault.message.contains("not supported"))
  }

  @Test(arguments: ["huffyuv", "ffvhuff", "utvideo", "cinepak", "qtrle"])
  func `other codecs are refused by their names`(_ codec: String) throws {
    let fault = try refusal(film(["-c:v", codec], "a.mov"))
    #expect(fault.kind == .unsupported && fault.message.contains("coded as \(codec)"), "\(fault.message)")
  }

  @Test(arguments: ["wav", "mp3", "flac", "aac", "aiff", "au", "wv", "ogg", "m4a", "mka", "wma", "ac3", "caf"])
  func `sound is called sound, and never damaged`(_ kind: String) throws {
    let path = try Picturing.ffmpeg(["-f", "lavfi", "-i", "sine=d=2"], to: "a." + kind, in: folder)
    let message = try refusal(path).message
    #expect(message.contains("sound"), "\(message)")
    for word in ["damaged", "broken", "cut"] { #expect(!message.contains(word), "\(message)") }
  }

  @Test func `pictures of phones are refused by their name`() throws {
    let box = { (name: String, content: [UInt8]) in
      [0, 0, UInt8((content.count + 8) >> 8), UInt8((content.count + 8) & 255)] + Array(name.utf8) + content
    }
    let file =
      box("ftyp", Array("heic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8))
      + box("meta", [0, 0, 0, 0] + box("pitm", [0, 0, 0, 0, 0, 1])) + box("mdat", [1, 2, 3])
    #expect(try refusal(write(file, "a.heic")).message.hasPrefix("HEIC pictures are not supported"))
  }

  @Test func `animated WebP is refused by its name, a still one is read`() throws {
    let flags = { (flags: UInt8) in
      Array("RIFF".utf8) + [22, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, flags, 0, 0, 0, 63, 0, 0, 47, 0, 0]
    }
    #expect(try refusal(write(flags(2) + flags(0), "a.webp")).message.hasPrefix("animated WebP pictures are not"))
    #expect(try refusal(write(flags(0) + flags(0), "b.webp")).kind == .badInput)
  }

  @Test func `of two JPEG pictures one behind the other the first is the picture, however small`() throws {
    let size = Size(width: 32, height: 24)
    let jpeg = try JPEG.encode(rgb: Picturing.quarters(size), size: size, quality: 95)
    let other = try JPEG.encode(rgb: [UInt8](repeating: 0, count: 16 * 16 * 3), size: Size(width: 16, height: 16))
    for count in 1...4 {
      let reader = try MediaReader(write(jpeg + (0..<count).flatMap { _ in other }, "a.jpg"))
      #expect(reader.info.isPicture && reader.info.size == size)
      let rgb = try #require(try reader.next()).rgb()
      Picturing.expectNear(Picturing.quarterColors(rgb, size), Picturing.corners, within: 6)
      #expect(try reader.next() == nil && reader.corrupt.count == 0)
    }
  }
}
