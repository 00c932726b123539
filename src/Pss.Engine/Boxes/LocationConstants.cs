using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Boxes;

/// <summary>Constants of a graph for each location, [1, L, size].</summary>
/// <param name="name">A name for the constants.</param>
/// <param name="size">Numbers per location.</param>
/// <param name="numbers">The numbers of a location from its x, y and stride.</param>
internal delegate OnnxValue LocationConstants(string name, int size, Func<float, float, float, float[]> numbers);
