import Base
import Execution
import Glibc
import Inference
import MediaProcess
import Pipelines
import Predictions
import Serving
import TestKit
import Testing

/// The model that comes with its weights, and a picture of what it was trained on.
struct PicturePredictionTests {
  private static let checkout = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  private static let desk: PictureDesk = {
    var options = MediaPool.Options(limit: 2)
    options.program = Program.path
    return PictureDesk(MediaPool(options))
  }()

  private func repository(_ folder: TemporaryFolder) throws -> ModelRepository {
    try FileSystem.makeFolder(folder.file("models/line-inspector/1"))
    let source = "\(Self.checkout)/models/line-inspector"
    for name in try FileSystem.list(source) where FileSystem.kind(of: "\(source)/\(name)") == .file {
      try FileSystem.write(try FileSystem.read("\(source)/\(name)"), to: folder.file("models/line-inspector/1/\(name)"))
    }
    let models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  private func look(
    at bytes: [UInt8], _ models: ModelRepository, every seconds: Double = 1, draws: Bool = false,
    proxy: RenditionSettings? = nil
  ) throws -> Result<PicturePrediction.Result, InferenceFailure> {
    let result = Monitor<Result<PicturePrediction.Result, InferenceFailure>?>(nil)
    let plain = try #require(models.find("line-inspector").pipeline(every: seconds))
    var asked = plain.pipeline
    asked.proxy = proxy
    let pipeline = try LoadedPipeline(asked, loaded: plain.models)
    var options = PicturePrediction.Options(pipeline, source: "a", deadline: soon())
    options.draws = draws
    _ = try PicturePrediction(of: SharedBytes(bytes), options, at: Self.desk) { answer in result.update { $0 = answer }
    }
    return try result.wait(for: "an answer") { $0 }
  }

  @Test("A picture is decoded, asked about and drawn on; what is none is refused and nothing else notices")
  func picture() throws {
    let folder = TemporaryFolder()
    let models = try repository(folder)
    let bmp = try Made.picture(folder.file("picture.bmp"))
    let seen = try look(at: bmp, models, draws: true).get()
    #expect(seen.isPicture && seen.frames.count == 1 && seen.size == Size(width: 320, height: 240))
    #expect(seen.drawing?.starts(with: [0xff, 0xd8]) == true)
    #expect(seen.corruptFrames == 0)
    let jpeg = try #require(seen.drawing)
    let cut = try look(at: Array(jpeg.prefix(jpeg.count * 6 / 10)), models).get()
    #expect(cut.frames.count == 1 && cut.corruptFrames == 1)
    for broken in [[], Array(bmp.prefix(40)), Array("GET / HTTP/1.1".utf8)] {
      guard case .failure(.failed(let fault)) = try look(at: broken, models) else {
        Issue.record("\(broken.count) bytes were taken for a picture")
        continue
      }
      #expect(fault.kind == .badInput)
    }
  }

  @Test("Frames of a clip come in order, as many as were asked for")
  func clip() throws {
    let folder = TemporaryFolder()
    let models = try repository(folder)
    let clip = try Made.clip(folder.file("clip.mp4"), seconds: 3)
    let seen = try look(at: clip, models, every: 0.25).get()
    #expect(!seen.isPicture && seen.frames.count == 12)
    #expect(seen.frames.map(\.stamp.time) == seen.frames.map(\.stamp.time).sorted())
    let long = try Made.clip(folder.file("long.mp4"), seconds: 20)
    guard case .failure(.failed(let fault)) = try look(at: long, models, every: 0.01) else {
      Issue.record("a long clip was taken")
      return
    }
    #expect(fault.kind == .tooLarge)
  }

  @Test(
    "A clip is not looked at where the pipeline wants a rendition of it, and the fault says the way out; a picture is")
  func proxy() throws {
    let folder = TemporaryFolder()
    let (models, settings) = (try repository(folder), RenditionSettings(height: 90))
    let clip = try Made.clip(folder.file("clip.mp4"), seconds: 1)
    guard case .failure(.failed(let fault)) = try look(at: clip, models, proxy: settings) else {
      Issue.record("a clip was answered from itself under a digest that means a rendition")
      return
    }
    #expect(fault.kind == .unsupported && fault.message.contains("POST /v1/analyses"))
    let bmp = try Made.picture(folder.file("picture.bmp"))
    #expect(try look(at: bmp, models, proxy: settings).get().frames.count == 1)
  }

  @Test("A client that leaves while its picture is being opened is told so once, and the next picture is answered")
  func leaving() throws {
    let folder = TemporaryFolder()
    let models = try repository(folder)
    let clip = try Made.clip(folder.file("clip.mp4"), seconds: 20)
    for pause in [0, 1000, 30_000] as [UInt32] {
      let results = Monitor<[Result<PicturePrediction.Result, InferenceFailure>]>([])
      let pipeline = try #require(models.find("line-inspector").pipeline(every: 0.1))
      let prediction = try PicturePrediction(
        of: SharedBytes(clip), PicturePrediction.Options(pipeline, source: "a", deadline: soon()), at: Self.desk
      ) { answer in results.update { $0.append(answer) } }
      usleep(pause)
      prediction.cancel()
      guard case .failure(.cancelled) = try results.wait(for: "an answer", until: { $0.first }) else {
        Issue.record("a client that left was answered")
        continue
      }
      let bmp = try Made.picture(folder.file("picture.bmp"))
      #expect(try look(at: bmp, models).get().frames.count == 1)
      #expect(results.update { $0.count } == 1)
    }
  }
}

private enum Made {
  /// A test picture of 320x240 pixels.
  static func picture(_ path: String) throws -> [UInt8] {
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x240", "-frames:v", "1", path])
    return try FileSystem.read(path)
  }

  static func clip(_ path: String, seconds: Int) throws -> [UInt8] {
    let source = "testsrc=size=160x120:rate=25:duration=\(seconds)"
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", path])
    return try FileSystem.read(path)
  }
}
