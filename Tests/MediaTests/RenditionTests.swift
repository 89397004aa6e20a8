import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct RenditionTests {
  private let folder = TemporaryFolder()

  /// A film whose frames come at uneven times, from late on.
  private func film(_ name: String = "film.mp4", frames: Int = 60) throws -> String {
    let (size, path) = (Size(width: 322, height: 182), folder.file(name))
    let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 1000), frameRate: Ratio(25, 1))
    for number in 0..<frames {
      try writer.append(rgb: Picturing.quarters(size), pts: 777 + number * 40 + number % 3 * 7)
    }
    try writer.finish()
    return path
  }

  @Test(arguments: [nil, 5.0, 12.5])
  func `each frame of a rendition shows the frame of the film at its time`(_ fps: Double?) throws {
    let (film, target) = (try film(), folder.file("light.mp4"))
    let settings = Rendition.Settings(height: 90, fps: fps)
    let rendition = try Rendition.make(of: film, at: target, settings)
    let (whole, light) = (try Films.all(film), try Films.all(target))
    #expect(light.count == rendition.origins.count)
    #expect(light.count == (fps.map { $0 == 5 ? 12 : 30 } ?? 60))
    for (frame, origin) in zip(light, rendition.origins) {
      #expect((frame.time - origin.time).magnitude < 0.001 && whole[origin.index].time == origin.time)
    }
    #expect(try MediaReader(target).info.size == Size(width: 160, height: 90))
    #expect(try Rendition.origins(in: FrameIndex(film), settings) == rendition.origins)
    #expect(rendition.corrupt.count == 0 && rendition.index?.frameCount == 60)
  }

  @Test func `a film is not made larger, and its picture stays where it is`() throws {
    let (film, target) = (try film(frames: 5), folder.file("light.mp4"))
    let same = try Rendition.make(of: film, at: target, Rendition.Settings(height: 2160))
    #expect(same.size == Size(width: 322, height: 182))
    let small = try Rendition.make(of: film, at: target, Rendition.Settings(height: 64))
    #expect(small.size.height == 64 && small.size.width.isMultiple(of: 2))
    let rgb = try #require(try MediaReader(target).next()).rgb()
    Picturing.expectNear(Picturing.quarterColors(rgb, small.size), Picturing.corners, within: 6)
  }

  @Test func `what makes a rendition is told by its identity, and a picture has none`() throws {
    let settings = Rendition.Settings(height: 360, fps: 5)
    let identity = try #require(settings.identity)
    #expect(identity.contains("360 lines") && identity.contains("5.0 frames") && identity.contains("lib"))
    #expect(identity != Rendition.Settings(height: 360).identity)
    #expect(identity != Rendition.Settings(height: 240, fps: 5).identity)
    let size = Size(width: 16, height: 16)
    try FileSystem.write(try JPEG.encode(rgb: Picturing.quarters(size), size: size), to: folder.file("a.jpg"))
    let fault = try #require(throws: Fault.self) {
      _ = try Rendition.make(of: folder.file("a.jpg"), at: folder.file("b.mp4"), settings)
    }
    #expect(fault.kind == .badInput && !FileManager.default.fileExists(atPath: folder.file("b.mp4")))
  }

  @Test func `the same film gives the same bytes, also in a file without a name`() throws {
    let (film, settings) = (try film(frames: 300), Rendition.Settings(height: 90, fps: 12.5))
    let first = try Rendition.make(of: film, at: folder.file("a.mp4"), settings)
    _ = try Rendition.make(of: film, at: folder.file("b.mp4"), settings)
    let bytes = try FileSystem.read(folder.file("a.mp4"))
    #expect(try FileSystem.read(folder.file("b.mp4")) == bytes)
    let file = try UnnamedFile.make()
    defer { close(file) }
    let unnamed = "/proc/self/fd/\(file)"
    let third = try Rendition.make(of: film, at: unnamed, settings, isInPlace: true)
    #expect(try FileSystem.read(unnamed) == bytes && third.origins == first.origins)
    #expect(throws: Fault.self) {
      _ = try Rendition.make(of: film, at: unnamed, settings, isInPlace: true) { (_) throws(Fault) in
        throw Fault(.closed, "enough")
      }
    }
    #expect(FileManager.default.fileExists(atPath: folder.file("film.mp4")))
  }

  @Test func `what a rendition shows is read back from bytes, and damage of them is seen`() throws {
    let film = try film()
    let settings = Rendition.Settings(height: 90, fps: 12.5)
    let made = try Rendition.make(of: film, at: folder.file("a.mp4"), settings)
    let bytes = made.bytes
    let again = try Rendition(bytes: bytes)
    #expect(again.size == made.size && again.origins == made.origins && again.covered == made.covered)
    #expect(again.corrupt == made.corrupt && again.index?.bytes == made.index?.bytes && again.index?.frameCount == 60)
    #expect(again.bytes == bytes)
    #expect(made.covered.lowerBound == made.origins[0].time && made.covered.upperBound > made.origins.last!.time)
    for place in stride(from: 0, to: bytes.count, by: 37) {
      var damaged = bytes
      damaged[place] ^= 4
      #expect(throws: Fault.self, "byte \(place)") { _ = try Rendition(bytes: damaged) }
    }
    for count in [0, 10, bytes.count / 2, bytes.count - 1] {
      #expect(throws: Fault.self) { _ = try Rendition(bytes: Array(bytes.prefix(count))) }
    }
    var corrupt = CorruptFrames()
    corrupt.note(pts: 7, time: 0.5, "lost", count: 3)
    corrupt.note(pts: nil, time: nil, "gone")
    let odd = Rendition(
      size: Size(width: 4, height: 2),
      origins: [.init(index: 3, pts: nil, time: -0.25), .init(index: 9, pts: -7, time: 1e9)], corrupt: corrupt,
      covered: -0.25...1e9, index: nil)
    let read = try Rendition(bytes: odd.bytes)
    #expect(read.origins == odd.origins && read.corrupt == corrupt && read.index == nil && read.covered == odd.covered)
  }
}
