import Base
import Execution
import Inference
import Loading
import Media
import ModelHub
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

/// Networks that are shown windows of frames, at work.
struct WindowExecutionTests {
  private let lab = Lab()
  private static let transnet = FrameWindow(length: 100, step: 50, keep: 25..<75)!
  private static let small = FrameWindow(length: 5, step: 2, keep: 1..<3)!

  /// With a network of single frames beside it where that is asked for.
  private func pipeline(_ window: FrameWindow, beside: Bool = false) throws -> LoadedPipeline {
    let path = lab.folder.file("window-\(window.length)")
    try WindowNetwork.write(to: path, frames: window.length)
    var recipe = Recipe(task: .score, output: OutputRecipe(decoder: .number))
    recipe.input.window = window
    var options = LoadOptions()
    (options.batch, options.streams, options.isWarmed) = (1, 2, false)
    let model = try LoadedModel(
      try Model(
        network: path + ".xml", files: try Model.files(ofNetwork: path + ".xml"), recipe: recipe, precision: .f32),
      options: options, on: try Engine(cacheFolder: nil))
    let steps = (beside ? ["w", "b"] : ["w"]).map { Pipeline.Infer(name: $0, model: $0) }
    return try LoadedPipeline(Pipeline(infer: steps), loaded: [model] + (beside ? [try lab.byteModel()] : []))
  }

  /// What the network of ``pipeline(_:beside:)`` answers about each frame of a film.
  private func wanted(_ sums: [Int], _ window: FrameWindow) -> [Float] {
    sums.indices.map { frame in
      let shown = window.frames(of: window.block(of: frame)).map { sums[min(max(0, $0), sums.count - 1)] }
      return Float(WindowNetwork.answers(shown)[frame - window.frames(of: window.block(of: frame)).lowerBound])
    }
  }

  private func sums(_ frames: [Frame]) throws -> [Int] {
    try frames.map { Int(try Lab.answer(about: $0)) }
  }

  private func run(_ loaded: LoadedPipeline, _ frames: [Frame], keepsPictures: Bool) throws -> [PipelineExecution
    .Finished]
  {
    var options = PipelineExecution.Options()
    options.keepsPictures = keepsPictures
    let execution = PipelineExecution(loaded, size: Lab.size, options: options)
    var told: [PipelineExecution.Finished] = []
    func take() throws {
      if let done = try execution.next() { told.append(done) } else if !execution.isDone { execution.wait() }
    }
    for frame in frames {
      while execution.isFull { try take() }
      try execution.add(.local(frame))
    }
    execution.end()
    while !execution.isDone { try take() }
    #expect(execution.jobCounts.allSatisfy { $0 == frames.count })
    return told
  }

  @Test(
    "Each frame has the answer of its window, at both ends of films of any length",
    arguments: [0, 1, 24, 25, 26, 49, 50, 51, 99, 100, 101, 149])
  func lengths(count: Int) throws {
    let frames = count == 0 ? [] : try lab.frames(count, value: "mod(N*37\\,251)")
    let sums = try sums(frames)
    for (window, beside) in [(Self.transnet, false), (Self.small, true)] {
      let loaded = try pipeline(window, beside: beside)
      for keeps in [true, false] {
        let told = try run(loaded, frames, keepsPictures: keeps)
        #expect(told.map(\.frame.index) == Array(0..<count))
        #expect(told.map { $0.predictions.first?.score } == wanted(sums, window))
        if beside { #expect(told.map { $0.predictions.last?.score } == sums.map(Float.init)) }
        for done in told {
          if case .local = done.frame { #expect(keeps) } else { #expect(!keeps) }
          #expect(done.frame.time == frames[done.frame.index].time && done.frame.pts == frames[done.frame.index].pts)
        }
      }
    }
  }

  @Test("Frames that wait for a window hold no pictures, and those of another network few")
  func pictures() throws {
    let (frames, loaded) = (try lab.frames(120), try pipeline(Self.transnet, beside: true))
    var options = FrameInference.Options()
    (options.keepsPictures, options.framesInFlight) = (false, 3)
    let inference = FrameInference(loaded, options: options)
    // Nothing is answered before the first window is whole, and until then all come in.
    for frame in frames.prefix(74) {
      while inference.isFull {
        #expect(try inference.next() == nil)
        inference.wait()
      }
      try inference.add(.local(frame))
    }
    #expect(try inference.next() == nil)
    inference.end(isCutOff: true)
    while !inference.isDone { if try inference.next() == nil, !inference.isDone { inference.wait() } }
    #expect(inference.jobCounts == [74, 74])
  }

  @Test("A picture, a gate, key frames and a live source are refused with a clear word")
  func refused() throws {
    let loaded = try pipeline(Self.transnet)
    #expect(
      loaded.refusal(ofPicture: true)?.message.contains("windows of 100 frames of a film, and this is a picture")
        == true)
    #expect(loaded.refusal(ofPicture: false) == nil)
    #expect(loaded.refusalOfLive?.message.contains("record it and analyse the film") == true)
    var gated = loaded.pipeline
    gated.gate = Pipeline.Gate()
    #expect(
      try LoadedPipeline(gated, loaded: loaded.models).refusal(ofPicture: false)?.message.contains("take gate away")
        == true
    )
    var keys = loaded.pipeline
    keys.sample = .keyFrames
    #expect(
      try LoadedPipeline(keys, loaded: loaded.models).refusal(ofPicture: false)?.message.contains("key frames") == true)
  }

  @Test("Bytes of frames reach every layout of windows in their places", arguments: InputRecipe.Layout.ofWindow)
  func layouts(layout: InputRecipe.Layout) throws {
    let window = FrameWindow(length: 4, step: 4, keep: 0..<4)!
    let sides = layout == .nthwc ? [1, 4, 2, 5, 3] : layout == .ntchw ? [1, 4, 3, 2, 5] : [1, 3, 4, 2, 5]
    let path = lab.folder.file("places-\(layout.rawValue)")
    try WindowNetwork.writePlaces(to: path, sides: sides)
    var recipe = Recipe(task: .score, output: OutputRecipe(decoder: .number))
    (recipe.input.window, recipe.input.resize) = (window, .stretch)
    let model = try LoadedModel(
      try Model(
        network: path + ".xml", files: try Model.files(ofNetwork: path + ".xml"), recipe: recipe, precision: .f32),
      on: try Engine(cacheFolder: nil))
    #expect(model.input == Size(width: 5, height: 2))
    let frames = try lab.frames(4, value: "mod(N*50+X*3+Y*7\\,251)")
    let told = try run(LoadedPipeline(model, sampling: .all), frames, keepsPictures: true)
    let shown = try frames.map { try $0.rgb(size: Size(width: 5, height: 2)) }
    var place = 0
    var wanted = 0
    func add(_ t: Int, _ y: Int, _ x: Int, _ c: Int) {
      wanted += Int(shown[t][(y * 5 + x) * 3 + c]) * (place % 11)
      place += 1
    }
    let (f, h, w, k) = (0..<4, 0..<2, 0..<5, 0..<3)
    switch layout {
    case .nthwc: for t in f { for y in h { for x in w { for c in k { add(t, y, x, c) } } } }
    case .ntchw: for t in f { for c in k { for y in h { for x in w { add(t, y, x, c) } } } }
    default: for c in k { for t in f { for y in h { for x in w { add(t, y, x, c) } } } }
    }
    #expect(told.map(\.predictions.count) == [1, 0, 0, 0])
    #expect(told[0].predictions[0].score == Float(wanted))
  }
}
