/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Video passes unchanged, but caps may gain the feature that says that there
 * may be overlay compositions on the buffers. They never lose it: upstream's
 * overlays would be lost with it. */

#include "gstdancaps.h"

static gboolean
features_have_overlay (const GstCapsFeatures * features)
{
  return features && gst_caps_features_contains (features,
      GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
}

/* Whether the first structure of @caps has the feature. */
gboolean
gst_dan_caps_have_overlay (const GstCaps * caps)
{
  return features_have_overlay (gst_caps_get_features (caps, 0));
}

static GstCaps *
append (GstCaps * caps, const GstStructure * structure, gboolean overlay)
{
  GstCapsFeatures *features = overlay ?
      gst_caps_features_from_string (GST_DAN_OVERLAY_FEATURES) :
      gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY, NULL);

  return gst_caps_merge_structure_full (caps,
      gst_structure_copy (structure), features);
}

/* What of @filter (NULL: of all) the other pad can have if the one in
 * @direction has @caps. */
GstCaps *
gst_dan_caps_transform (GstPadDirection direction, GstCaps * caps,
    GstCaps * filter)
{
  GstCaps *others = gst_caps_new_empty ();
  GstCaps *filtered;

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *structure = gst_caps_get_structure (caps, i);
    gboolean overlay =
        features_have_overlay (gst_caps_get_features (caps, i));

    others = append (others, structure, overlay);
    if (direction == GST_PAD_SINK && !overlay)
      others = append (others, structure, TRUE);
    else if (direction == GST_PAD_SRC && overlay)
      others = append (others, structure, FALSE);
  }
  if (!filter)
    return others;

  filtered = gst_caps_intersect_full (filter, others,
      GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (others);
  return filtered;
}

/* Some elements accept any caps: only the answer to the allocation query
 * tells whether the overlay would be shown. */
static gboolean
peer_shows_overlay (GstPad * srcpad, GstCaps * caps)
{
  GstQuery *query = gst_query_new_allocation (caps, FALSE);
  gboolean shows = gst_pad_peer_query (srcpad, query) &&
      gst_query_find_allocation_meta (query,
      GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);

  gst_query_unref (query);
  return shows;
}

/* Fixed @caps with the feature if downstream shows overlays, else NULL. */
GstCaps *
gst_dan_caps_prefer_overlay (GstPad * srcpad, GstCaps * caps)
{
  GstCaps *overlay = append (gst_caps_new_empty (),
      gst_caps_get_structure (caps, 0), TRUE);

  if (gst_pad_peer_query_accept_caps (srcpad, overlay) &&
      peer_shows_overlay (srcpad, overlay))
    return overlay;

  gst_caps_unref (overlay);
  return NULL;
}

/* Downstream's answer to an allocation query holds for upstream too, except
 * that a cropped picture would need faces in two coordinate systems. */
void
gst_dan_caps_refuse_crop (GstQuery * allocation)
{
  guint index;

  while (gst_query_find_allocation_meta (allocation,
          GST_VIDEO_CROP_META_API_TYPE, &index))
    gst_query_remove_nth_allocation_meta (allocation, index);
}
