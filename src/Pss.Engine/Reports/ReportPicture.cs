using Pss.Engine.Data.Images;

namespace Pss.Engine.Reports;

/// <summary>A picture as the bytes of its file. Large ones are made smaller for the report.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="Encoded">The bytes of an image file in a format that <see cref="RgbImage.Load(string)"/> reads.</param>
/// <param name="Width">Width in pixels: the frame that boxes are given in.</param>
/// <param name="Height">Height in pixels.</param>
internal sealed record ReportPicture(string Name, byte[] Encoded, int Width, int Height);
