#pragma once
// Planted: core is the lowest room and may include no other.
#include "cinescribe/media/probe.h"
