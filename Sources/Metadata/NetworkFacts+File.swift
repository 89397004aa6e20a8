internal import Base
internal import NetworkFormats
public import Vision

extension NetworkFacts {
  /// What the file says; nothing where it is of another format, has no words, or where they are damaged.
  ///
  /// Reads a few kilobytes of the file, whatever its size. The folder of a SavedModel says nothing.
  public init(ofNetwork path: String) {
    self.init()
    guard FileSystem.kind(of: path) == .file, let file = try? FileWindow(path) else { return }
    if file.holds("TFL3", at: 4) {
      if let words = try? TFLiteWords(file) { read(words) }
    } else if file.holds("<", at: 0) {
      if let words = try? IRWords(file) {
        readConversion(words.values)
        readModelAPI(words.values)
      }
    } else if !file.holds("{", at: 0), let words = try? ONNXWords(file) {
      read(words)
    }
  }

  private mutating func read(_ words: ONNXWords) {
    readUltralytics { words.properties[$0].map { PythonLiteral($0) ?? .text($0) } }
    readLabels { words.properties[$0] }
    if let characters = words.properties["character"] { readPaddleOCR(characters) }
    readWindowsML(words.properties)
    let modelInfo = words.properties.filter { $0.key.hasPrefix("model_info ") }
    // The Model API writes its words into ONNX with blanks between the names of a path.
    readModelAPI(
      Dictionary(modelInfo.map { ($0.key.replacing(" ", with: "."), $0.value) }) { first, _ in first })
  }

  private mutating func read(_ words: TFLiteWords) {
    for tensor in words.inputs + words.outputs {
      if let quantization = tensor.quantization { self.quantization[tensor.name] = quantization }
    }
    for tensor in words.outputs { sides[tensor.name] = tensor.sides }
    if let text = words.exporter, let values = PythonLiteral(String(decoding: text, as: UTF8.self)) {
      readUltralytics { values[$0] }
      // Its TensorFlow exports divide the boxes by the input's sides.
      if exporter == "Ultralytics" { givesFractions = true }
    }
    if labels.isEmpty { labels = words.labels }
    if words.isGray { color = .gray }
    if !words.mean.isEmpty, words.mean.count == words.deviation.count, !words.deviation.contains(0) {
      (mean, scale) = (words.mean, words.deviation)
    }
  }

  /// Keys of Ultralytics' `Exporter.metadata`; YOLOv5's own `export.py` writes `stride` and `names` alone.
  private mutating func readUltralytics(_ value: (String) -> PythonLiteral?) {
    let description = value("description")?.words ?? ""
    guard
      value("author")?.words == "Ultralytics" || description.hasPrefix("Ultralytics") || value("stride") != nil
        || value("task") != nil
    else { return }
    exporter = "Ultralytics"
    task = value("task")?.words
    let isTransformer = description.lowercased().contains("rtdetr") || value("head")?.words == "RTDETRDecoder"
    family = isTransformer ? "rtdetr" : nil
    labels = value("names")?.labels ?? []
    hasSuppression = [value("nms"), value("args")?["nms"], value("end2end")].contains {
      $0?.words == "True" || $0?.words == "true"
    }
    // Height first; one number for a square.
    let sides = value("imgsz")?.integers ?? []
    if let height = sides.first, let width = sides.last, sides.count < 3, (1...8192).contains(height),
      (1...8192).contains(width)
    {
      size = Size(width: width, height: height)
    }
    keypoints = value("kpt_shape")?.integers ?? []
    if let count = keypoints.first, (1...1000).contains(count) {
      let named = value("kpt_names").flatMap { $0.labels ?? $0.first?.labels } ?? []
      points = named.count == count ? named : OutputRecipe.points(count)
    }
    // YOLOv5's exporter says no task, and its classifiers take other numbers than its detectors.
    guard task != nil else { return }
    (color, mean, scale) = (.rgb, [], [255])
    switch (task, family) {
    case ("classify", _): resize = .crop
    case (_, "rtdetr"): resize = .stretch
    default: (resize, anchor) = (.letterbox, .center)
    }
  }

  /// One character a line, a blank among them; without the first class, which means nothing.
  private mutating func readPaddleOCR(_ characters: String) {
    var lines = characters.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count > 1, !lines.contains("") else { return }
    // Classifiers have their labels there, which are words.
    guard lines.count(where: { $0.count == 1 }) * 2 > lines.count else { return labels = lines }
    (exporter, task, labels) = ("PaddleOCR", "text", lines)
    // Its `resize_norm_img`, of pictures as OpenCV reads them.
    (color, mean, scale) = (.bgr, [127.5], [127.5])
    (resize, anchor, pad) = (.letterbox, .topLeft, 127)
  }

  /// Where several exporters put labels: a list or map as Python or JSON has them, or words between commas or line ends.
  private mutating func readLabels(_ value: (String) -> String?) {
    for key in ["names", "labels", "classes", "class_names", "id2label", "label_names"] where labels.isEmpty {
      guard let text = value(key) else { continue }
      let literal = PythonLiteral(text)
      if let found = literal?.labels { labels = found }
      if literal == nil || literal?.words != nil {
        let parts = text.split { $0 == "," || $0.isNewline }
        if parts.count > 1 { labels = parts.map { String($0.drop { $0 == " " }) } }
      }
    }
  }

  /// Image metadata of the ONNX standard: `docs/MetadataProps.md` of onnx/onnx.
  private mutating func readWindowsML(_ words: [String: String]) {
    switch words["Image.BitmapPixelFormat"] {
    case "Gray8": color = .gray
    case "Rgb8", "Rgba8": color = .rgb
    case "Bgr8", "Bgra8": color = .bgr
    default: break
    }
    switch words["Image.NominalPixelRange"] {
    case "NominalRange_0_255": (mean, scale) = ([], [])
    case "Normalized_0_1": (mean, scale) = ([], [255])
    case "Normalized_1_1": (mean, scale) = ([127.5], [127.5])
    default: break
    }
  }

  /// Options of OpenVINO's converter that change what the network takes; it writes `()`, `{}` and `None` for what was not said.
  private mutating func readConversion(_ words: [String: String]) {
    func word(_ key: String) -> String? {
      words["conversion_parameters.\(key)"] ?? words["cli_parameters.\(key)"]
    }
    switch word("reverse_input_channels") {
    case "True": isReversed = true
    case "False": isReversed = false
    default: break
    }
    // What was put into the network must not be done twice.
    let isInside = ["mean_values", "scale_values", "scale"].contains { word($0)?.contains { $0.isNumber } ?? false }
    if isInside { (mean, scale) = ([], []) }
  }

  /// `model_info` of OpenVINO's Model API: its guide "Model configuration parameters".
  private mutating func readModelAPI(_ words: [String: String]) {
    func word(_ key: String) -> String? { words["model_info.\(key)"].flatMap { $0.isEmpty ? nil : $0 } }
    guard let type = word("model_type") else { return }
    (exporter, family) = ("OpenVINO Model API", type)
    task = word("task_type") ?? type
    if let text = word("labels") { labels = Self.labels(text) }
    threshold = word("confidence_threshold").flatMap { Float($0) }.flatMap { (0...1).contains($0) ? $0 : nil }
    iou = word("iou_threshold").flatMap { Float($0) }.flatMap { (0...1).contains($0) ? $0 : nil }
    guard word("embedded_processing")?.lowercased() != "true" else {
      (mean, scale) = ([], [])
      return
    }
    // Its own pictures are BGR; reversed they are RGB.
    if let reversed = word("reverse_input_channels") {
      color = ["true", "yes", "1"].contains(reversed.lowercased()) ? .rgb : .bgr
    }
    if word("mean_values") != nil || word("scale_values") != nil {
      (mean, scale) = (Self.numbers(word("mean_values")), Self.numbers(word("scale_values")))
      if scale?.contains(0) == true { scale = nil }
    }
    switch word("resize_type") {
    case "standard": resize = .stretch
    case "fit_to_window": (resize, anchor) = (.letterbox, .topLeft)
    case "fit_to_window_letterbox": (resize, anchor) = (.letterbox, .center)
    case "crop": resize = .crop
    default: break
    }
    pad = word("pad_value").flatMap { UInt8($0) }
  }

  /// Words with blanks between them, in which `_` is a blank of the label.
  private static func labels(_ text: String) -> [String] {
    if let labels = PythonLiteral(text)?.labels { return labels }
    return text.split { $0 == " " || $0 == "," }.map { String($0.replacing("_", with: " ")) }
  }

  private static func numbers(_ text: String?) -> [Float] {
    guard let text else { return [] }
    let numbers = text.split { " ,[]".contains($0) }.compactMap { Float($0) }
    // A single 0 (mean) or 1 (scale) is their word for nothing.
    return [1, 3].contains(numbers.count) ? numbers : []
  }
}
