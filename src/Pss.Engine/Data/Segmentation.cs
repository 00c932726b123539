
namespace Pss.Engine.Data;

/// <summary>The outline of an object: <see cref="PolygonSegmentation"/> or <see cref="RleSegmentation"/>.</summary>
public abstract record Segmentation;
